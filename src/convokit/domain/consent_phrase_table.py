"""The phrases of consent: orders, refusals, wishes and questions about being texted. Data only; this table is law.

Words are written as in :mod:`convokit.domain.consent_words`. One phrase a row, elements separated by blanks:

``word`` that word; ``a|b`` one of them; ``<name>`` one entry of that class in
:mod:`convokit.domain.consent_classes`; ``<any>`` any one word; ``x?`` optional; ``x*`` up to six times; ``$`` end of
the clause; ``^`` its start.
"""

from __future__ import annotations

from typing import Final


def _rows(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


STOP_ORDERS: Final = _rows(
    """
    <stop> <adv>* <texting> <me>? <here>?
    <stop> <adv>* <pestering> <me> <here>?
    <stop> <adv>* reminding <me> $
    <stop> <adv>* reminding <me> <bytext>
    <stop> calling|spamming|bothering $
    <stop> calling and messaging|texting <me>?
    <stop> <adv>* sending <me>? <det>* <msg>
    <stop> <adv>* sending <me>? all? <junk> <here>?
    <stop> <adv>* sending to? me|us $
    <stop> <adv>* receiving|getting <det>* <msg>
    <stop> <adv>* receiving|getting <junk>
    <halt> <adv>* <det>* <msg> <me>? <here>?
    <stop> all communication|communications|contact
    stop using this|my number
    stop using text? texts|text|txt|sms|messages to contact|reach|remind|notify|text <me>
    stop text|txt|tex me|us
    <det>* <msg> need|needs|must|should|have|has|better|got to? stop|end|cease
    want|need|make|like <det>* <msg> to? stop|end
    <stop> <adv>* sending $
    <stop> these $
    want|wanna off|out of? <det>* <list>
    be|get removed|deleted|taken|dropped from|off|out of? <det>* <list>
    <iwant> be removed|deleted|unsubscribed $
    have|get my|this number removed|deleted
    <donot> have|give|gave you? my? permission|consent to <text>
    <donot> authorize|authorise <det>* <msg>
    told|asked|begged|warned you|yall|them to? please? stop
    i|we|ive|weve have? already? told|asked|begged|warned you|u|yall not|never to <text> <me>
    i already? said|say|texted to? stop $
    no more <det>* <msg>
    ^ no more|further? contact|communication|communications <bytext>
    ^ no more <bytext> $
    take|get|remove|delete|drop|erase|scratch|strike|scrub|keep|leave <mine> off|from|out of? <det>* <list>
    take|get <mine> off $
    remove|delete|erase|drop <mine> $
    remove|delete|erase|drop <mine> please|immediately|now
    lose|loose|forget|delete|remove|erase|drop|scratch my|this phone|cell? number|num|contact
    <unsub> <mine> $
    <unsub> <mine>? from <det>* <msg>
    <unsub> <mine>? from <det>* <list>
    <unsub> <mine>? from all|this|these|everything|here $
    <iwant> <unsub> $
    opt <mine> out of|from? <det>* <msg>?
    optout|opt out? of|from <det>* <msg>
    optout|opt out? of|from <det>* <list>
    optout|opt out? of|from all|everything|these|this|communications|it $
    <iwant> opt|opting|optout out? $
    leave me|us the? alone
    revoke|revoking|withdraw|withdrawing|rescind|retract my|any|all|the* consent|permission|authorization $
    revoke|revoking|withdraw|withdrawing <det>* consent|permission to|for receive|get|be|being|send|the? <det>* <msgd>
    rescind|retract <det>* consent|permission to|for receive|get|be|being|send|the? <det>* <msgd>
    consent|permission is|has? been? revoked|withdrawn $
    stop aux|les|vos|los|con? <fr_det>* <fr_msg>
    <es_quit> de <es_write>
    <es_quit> de recordarme|avisarme|notificarme|recordarnos|avisarnos|notificarnos <bytext>
    <es_quit> de <es_sendinf> <es_det>* <es_msg>
    <es_quit> de mandarme|enviarme cosas|esto|eso? $
    paren|pare|parar|detengan|detenga|detener|alto|suspendan|suspenda <es_det>* <es_msg>
    terminen|cancelen|cancele|cancelar|basta|stop <es_det>* <es_msg>
    <es_want> dejar de recibir <es_det>* <es_msg>
    dar|dame|denme|deme|darme|darnos|de|den|darse me? de baja mi|este? numero|telefono?
    me doy de baja
    me quiten|quite|borren|borre|saquen|saque|eliminen|elimine de <es_det>* lista|sistema
    quitarme|borrarme|sacarme|eliminarme de <es_det>* lista|sistema
    <es_take> $
    <es_take> de <es_det>* lista|listas|sistema|base
    <es_delete> mi|este numero|telefono|celular|contacto|nombre
    dejenme|dejeme|dejame|dejenos en|tranquilo|tranquila paz?
    <fr_quit> de|d m|me|nous? <fr_write>
    <fr_quit> de|d m|me|nous? envoyer <fr_det>* <fr_msg>
    <fr_quit> de recevoir <fr_det>* <fr_msg>
    refuse de recevoir <fr_det>* <fr_msg>
    de|d me desabonner|desinscrire
    annuler|annulez|annule <fr_det>* <fr_msg>
    <fr_quit> de|d m|me|nous envoyer tout? ca|cela|trucs? $
    <fr_quit> avec|a|aux? <fr_det>* <fr_msg>
    <fr_quit> tout|tous|les|vos* envoi|envois|contact
    <fr_take> moi|nous
    <fr_take> moi|nous <fr_det>* <fr_msg>
    <fr_take> mon|ce numero|nom|contact|telephone|cellulaire
    <fr_take> me de <fr_det>* liste
    ^ me|se? desabonner|desinscrire|desabonne|desinscris $
    je|veux|voudrais|souhaite|aimerais|peux|pouvez me? vous? desabonner|desinscrire|desabonne|desinscris
    vous|pouvez me desabonner|desinscrire
    me retirer|enlever|supprimer de <fr_det>* liste
    laissez|laisse|fichez|foutez|fous|fiche|lachez moi|nous la|en|tranquille|tranquilles paix?
    """
)
"""Orders that are undone by a negation before them (``don't stop texting me``)."""

STOP_REFUSALS: Final = _rows(
    """
    <never> <text> <me> <here>?
    <never> <text> <here>
    <never> <text> <again>? $
    <never> <text> <bytext>
    <never> remind|reach|call|communicate with? <me> <bytext>
    <never> use text? texts|text|txt|sms|messages to contact|reach|remind|notify|text <me>
    <never> call <me>? <again>
    <never> send <me>? <det>* <msg> <here>?
    <never> send <me>? anything|anymore|any|these|this|stuff more? $
    <never> send <me>? anything|any|these|those|this|them|stuff|more more|else? <bytext>
    ^ no me <es_writesubj>
    ^ ya|y|que|favor|nunca|jamas no? me <es_writesubj>
    no me <es_writesubj> mas|nunca|jamas|ya|nada
    no vuelvan|vuelva|vuelvas a <es_write>
    no vuelvan|vuelva|vuelvas a <es_sendinf>
    ^ no escriban|escriba|contacten|texteen mas? $
    no me vuelvan|vuelva|vuelvas a escribir|contactar|mandar|enviar|molestar|llamar|textear
    no me <es_sendsubj> mas|nada|ya|nunca mas? $
    no me <es_sendsubj> mas|nada mas? <bytext>
    no me <es_remindsubj> mas|nada? <bytext>
    no me <es_sendsubj> <es_det>* <es_msg>
    no <es_sendsubj> <es_det>* <es_msg>
    no mas <es_det>* <es_msg>
    no enviar|mandar|enviarme|mandarme mas? <es_det>* <es_msg>
    ^ de? no enviar|mandar|escribir|contactar|molestar|enviarme|mandarme|escribirme mas? $
    ^ no molesten|moleste|molestes mas? $
    ne|n|not? plus me|m|nous <fr_write>
    ^ de? ne pas me|m|nous <fr_write>
    ne|n plus me|m|nous <fr_remind> <bytext>
    ne|n? me|m|nous <fr_remindimp> plus|jamais|pas <bytext>
    ^ plus|pas de|aucun|aucune contact|communication|relance|relances <bytext>
    ne|n plus me|m|nous? envoyer <fr_det>* <fr_msg>
    ne|n? me|m|nous <fr_writeimp> plus|jamais|pas
    ne|n? me|m|nous? <fr_send> plus|pas|jamais rien|ca|cela $
    ne|n? me|m|nous? <fr_send> plus|pas|jamais rien|ca|cela? <bytext>
    ne|n? me|m|nous <fr_send> plus|jamais $
    ne|n me|m|nous? <fr_send> plus|pas|jamais <fr_det>* <fr_msg>
    ^ me|m|nous? <fr_send> plus <fr_det>* <fr_msg>
    ne|n me|m|nous? <fr_send> aucun|aucune <fr_det>* <fr_msg>
    ^ plus|pas jamais? de|d|aucun|aucune|un <fr_det>* <fr_msg>
    """
)
"""Refusals: orders only when nobody else is their subject (``they don't text me`` is none)."""

STOP_WISHES: Final = _rows(
    """
    <nowish> want|wish|like|care|desire|wanna to? be? get|getting|receive|receiving|have|see|hear? <det>* <msg>
    <nowish> want|wish|like|care|desire to be contacted|texted|messaged|bothered|notified|reminded
    <nowish> want|wish|like|care|desire to be on <det>* <list>
    <nowish> want|wish|care to hear from you|yall|u
    <nowish> want|wish|care to? receive|receiving <junk>
    <nowish> want|wish|care|wanna to? get|getting these|those|them
    rather not be contacted|texted|messaged|reminded|notified <bytext>
    rather not get|receive|have <det>* <msg> <bytext>
    <nowish> want you to <text> <me>
    <nowish> want you texting|messaging|contacting <me>
    <donot> consent|agree to be|being|receive|receiving|get? <det>* <msgd>
    no <es_want> seguir? recibir|recibiendo|tener? <es_det>* <es_msg>
    no <es_want> recibir nada|mas mas? $
    no <es_want> que me <es_writesubj>
    no <es_want> que me <es_remindsubj> <bytext>
    no <es_want> que me <es_sendsubj> <es_det>* <es_msg>
    no <es_want> ser contactado|contactada|molestado|molestada
    <fr_want> plus|pas recevoir|avoir? <fr_det>* <fr_msg>
    <fr_want> plus|pas etre contacte|contactee|derange|derangee|sollicite|sollicitee|contactes
    <fr_want> plus|pas que vous m|me? ecriviez|envoyiez|contactiez|textiez|contactez
    <fr_want> ne plus recevoir|avoir <fr_det>* <fr_msg>
    <fr_want> ne plus etre contacte|contactee|derange|derangee|sollicite|sollicitee
    ne plus recevoir <fr_det>* <fr_msg>
    <fr_want> plus|pas rien recevoir|avoir
    """
)
"""Wishes of the writer; negative in themselves."""

NARROW_ORDERS: Final = _rows(
    """
    <halt> <adv>* <det>* <any> <msg>
    <stop> <adv>* sending <me>? <det>* <any> <msg>
    <never> send <me>? <det>* <any> <msg>
    <nowish> want|need <det>* <any> <msg>
    no more <any> <msg>
    <stop> <adv>* reminding <me> about|of|that
    call|email|phone|contact|reach|notify|remind <me> <any>* not <bytext>
    remove|take|delete <any> off|from <det>* reminders|reminder|texts|messages|notifications|alerts
    """
)
"""Orders about one kind of message, or one animal (``stop vaccine reminders``)."""

START_ORDERS: Final = _rows(
    """
    start|resume|restart|begin <texting> <me>?
    start|resume|restart|begin sending|getting|receiving <me>? <det>* <msg>
    start|resume|restart|unblock <det>* <msg>
    opt <mine>? back? in $
    opt <mine>? back? in to|for <det>* <msg>
    optin <mine>
    resubscribe|subscribe me|us
    sign <mine> back? up for|to <det>* <msg>
    put|add <mine> back on|to <det>* <list>
    pueden|puede|vuelvan|vuelva|reanuden|reanude a? escribirme|enviarme|mandarme|los
    reprenez|recommencez|reprendre les|vos|mes? <fr_msg>
    """
)
"""Clear requests to be texted (again)."""

START_WHEN_OUT: Final = _rows(
    """
    you can|may text|message|contact <me> again|now
    text|message me again $
    ^ text|message me|us $
    <iwant> receive|get <det>* <msg> again
    <iwant> opt|sign back? in|up $
    """
)
"""Mean an opt-in only from somebody who is opted out."""

MAYBE_WHOLE: Final = _rows(
    """
    stop|quit it|that|this|everything|doing|pestering|bugging this|that|it|me?
    stop this|all|with <det>* nonsense|bullshit|madness|harassment|junk|stuff|it|this
    make it|them|this stop
    no stop
    stops|stpo|sotp|stp|sto|stoptexting|stopit|stip|tsop|stopplease|stopstop|stopstopstop|pare|paren|detente|para
    can|could|will|would you|u stop
    id|i would|d? want|need|like you|this|it|them to stop
    you|yall|u|guys need|have|must|should|can|may to? stop
    cease and desist
    end this
    i want out
    no contact
    plus rien
    annuler|annulez mon abonnement
    id|i would|d? want|need|like to stop
    knock it off
    go away
    piss|bugger|sod|back off
    off
    shut up
    spam|junk|scam|discontinue|stop1|sto
    stop|unsubscribe cancel|end? my|the? account
    i|im|we? am|are? <nolonger> interested anymore?
    enough is? enough?
    no more anymore?
    no <det>* <msg>
    <never> call|email|phone <me>?
    i|we? <donot> consent|agree
    i|we? <nowish> want|need this|these|them|any anymore|more?
    basta|suficiente ya?
    ya basta|no|estuvo
    no me interesa
    no me llamen|llame|llames mas?
    no <es_msg>
    fin|terminar|salir|quitar|eliminar|borrar|stopper|sortir|retirer|supprimer|terminer
    ca|cela suffit
    assez|suffit
    arretez|arrete|cessez|parad|dejenlo ca|cela|tout|ya
    pas|plus interesse|interessee
    je ne? suis plus|pas interesse|interessee
    fous|foutez|fiche moi le camp
    стоп|отписаться|отписка|停止|停止短信|取消订阅|退訂|중지|수신거부|停止してください
    stoppen|halt|avsluta|slutt
    cancel|end|stop|cancelar|cancelen <det>* la|mi|su? subscription|subscriptions|service|suscripcion
    reply|text|txt|send stop|end|quit to|2 unsubscribe|end|cancel|stop|opt|optout out?
    """
)
"""A clause that is nothing but this may mean an opt-out."""

MAYBE_ANY: Final = _rows(
    """
    <stop> <adv>* <pestering> $
    <stop> <adv>* emailing|mailing <me>
    <stop> <adv>* sending <me>? <det>* emails|email|mails|letters|calls
    <stop> <adv>* <det>* calls|emails
    how <det>* do|can|could|would|to i|we|you? <unsub>
    how <det>* do|can|could|would|to i|we|you? optout|opt
    can|could|may i|we <unsub> $
    can|could|may i|we optout|opt out?
    how do|can i get|be off|removed from|of? <det>* <list>
    too many|much <det>* <msg>
    text|message me? too|so much|often|many
    <msg> are|is getting|so|very|really|too* annoying|harassment|harassing|spam|excessive|unwanted|ridiculous
    this|it|that|its is? spam|harassment|harassing|junk|annoying|ridiculous spam?
    blocking|block you|u|me|us
    blocking|block this|your|my number
    report|reporting|reported|sue|suing you|this|u|as|it|spam
    prefer emails|email|calls|phone|to instead|calls|receive|be|get?
    email|call me? instead of <msg>
    rather you call|email
    rather not get|receive|be|have
    no need to <text> me <again>
    <nowish> need <det>* <msg>
    <donot> give consent|permission $
    <donot> consent|agree to this|these|that
    never|didnt signed|sign|subscribed|subscribe up? for? this|these|that|it? $
    i did not sign|subscribe up? for? this|these|that|it? $
    no quiero saber nada
    je ne? veux plus rien $
    ^ i opted|unsubscribed out?
    demasiados|muchos <es_msg>
    esto|eso es spam|acoso
    no me interesan <es_det>* <es_msg>
    no autorizo|autorice|consiento <es_det>* <es_msg>
    marre de <fr_det>* <fr_msg>
    ne m appelez|appelle plus
    como dejo|puedo|hago|para|me de|dejar|desuscribo|darme|doy|que* recibir|baja|desuscribo|dejen
    comment me|se|puis|arreter|je* desabonner|desinscrire|desabonne|messages|arreter
    trop de <fr_msg>
    c est du spam|harcelement
    pas de <fr_msg>
    passed|died|dead|moved away? stop $
    i|ive|we|weve have|ve|already* texted|replied|sent|typed stop|unsubscribe $
    i|ive|we|weve have|ve|already* texted|replied|sent|typed stop|unsubscribe and|but|already|twice|times|before
    i|ive|we|weve have|ve|already* texted|replied|sent|typed stop|unsubscribe <any> times
    ya? he|hemos? enviado|mandado|envie|mande stop|alto
    j ai deja? envoye|repondu|ecrit stop|arret
    <never> text|message|contact it|here $
    """
)
"""Anywhere in a clause, these may mean an opt-out."""

WRONG_NUMBER: Final = _rows(
    """
    wrong number|num|person|phone|contact|guy|lady|recipient
    this|it|thats|its is? not|isnt|no longer? <any> <any>? number|phone|cell $
    dont|not|never have|own|had a|any? <pet> $
    have|own no <pet> $
    dont know anyone|anybody|any named|called|by <any>
    no es el|mi numero|telefono
    n ai pas de|d chien|chat|animal|animaux $
    numero|persona|telefono equivocado|equivocada|incorrecto|erroneo
    equivoco|equivocaron|equivocado|equivocaste de numero|persona
    mauvais|faux numero
    trompez|trompe|trompes|erreur de numero|personne
    mauvaise personne
    no tengo perro|perros|gato|gatos|mascota|mascotas $
    """
)
"""The writer is probably not the client: the number may have a new owner."""

SIDE_PHRASES: Final = (
    _rows(
        """
    you|u|i|think|have|got|ve|youve|sorry|it|is|this|the|are|its|texting|a|im|not|m* wrong number|person
    who is|are|s|r? this|you|dis|it|u
    whos this|it|dis
    i do? dont|not know you|u|who|this|is|are*
    vous|tu|avez|as|le|un|c|est|desole|desolee* mauvais|faux numero
    tienen|tiene|es|el|un|perdon* numero equivocado
    quien es|eres|son
    qui est|etes|c ce|vous? vous?
    i|im|we? am|are? <nolonger> interested anymore?
    <will> sue|report|block|blocking i? will? sue? you|u?
    or i|ill will? sue|report|block|call you|u|this|my|a|the|lawyer|attorney|police|fcc*
    or else
    i|we? have? moved away?
    no me interesa
    no soy cliente
    pas interesse|interessee
    i am|m|im? not a|your client|customer|patient
    """
    )
    + WRONG_NUMBER
)
"""Stand beside STOP without changing what it says."""
