"""Word classes of the consent phrases: ``<texting>`` is one of these ways to say it. Data only; this table is law.

A row is ``name: entry, entry``; an entry may be several words. Words are written as in
:mod:`convokit.domain.consent_words`.
"""

from __future__ import annotations

from typing import Final


def _classes(text: str) -> dict[str, tuple[str, ...]]:
    named = (row.partition(":") for row in text.replace("\n    ", " ").strip().splitlines())
    return {name: tuple(entry.strip() for entry in entries.split(",")) for name, _, entries in named}


_TEXTS = (
    "text",
    "texts",
    "txt",
    "txts",
    "sms",
    "mms",
    "text message",
    "text messages",
    "text msg",
    "msg",
    "message",
    "messages",
)
_MENSAJES = (
    "mensaje",
    "mensajes",
    "texto",
    "textos",
    "sms",
    "mensaje de texto",
    "mensajes de texto",
    "este medio",
    "aqui",
)
_TEXTOS = ("sms", "texto", "textos", "message", "messages", "message texte", "messages texte", "texte", "mms")
_OTHERS = ("phone", "email", "call", "calls", "mail", "voice")
_BY_TEXT = (
    *(f"{way}{text}" for way in ("by ", "via ", "over ", "through ", "per ", "using ", "with ") for text in _TEXTS),
    *(f"by {other} {joint} {text}" for other in _OTHERS for joint in ("or", "and", "nor") for text in _TEXTS),
    *(f"{way}{text}" for way in ("por ", "via ", "mediante ", "a traves de ") for text in _MENSAJES),
    *(f"{way}{text}" for way in ("par ", "via ") for text in _TEXTOS),
)
_NUMBERS = ("number", "phone number", "cell number", "phone", "cell", "cellphone", "telephone")

CLASSES: Final = _classes(
    """
stop: stop, quit, cease, discontinue, stopp, end, cease and desist
halt: stop, cease, end, cancel, quit, discontinue, stopp, disable, deactivate, turn off, shut off, switch off,
    get rid of
adv: all, always, constantly, ever, please, with, w, just, even, f, it
texting: texting, txting, textin, texing, txtin, txtn, messaging, msging, messagin, contacting, calling and
    texting, texting and calling, calling or texting, texting or calling, text messaging, reaching out, reaching out
    to, sending texts to, sending messages to, messging, mesaging, textng, txtng, tezting, texring, textting,
    textign
pestering: calling, bothering, bugging, harassing, harrassing, spamming, annoying, pestering, hounding,
    notifying, pinging, writing, writing to, disturbing, soliciting, blowing up
text: text, txt, message, msg, contact, sms, bother, harass, spam, disturb, write, ping, call or text, text or
    call, call text or email, call and text, text and call, write to, bug, text message, reach out to, notify,
    solicit, call message or text, tex, contact or text
me: me, mee, us, this number, this phone number, my phone number, my number, my phone, this phone, my cell,
    anyone here, me or my family
mine: me, us, my number, this number, my phone number, my phone, my name, my cell, my info, my cell number, my
    contact, this phone number, this phone, number, my contact info, our number
det: the, these, those, this, that, your, ur, all, any, more, further, other, every, of, such, text, sms,
    automated, automatic, annoying, stupid, unwanted, reminder, notification, marketing, constant, daily,
    promotional, so, many, them, my, to, anymore, additional, future, damned, dumb, spam, mass, unsolicited, random,
    endless, phone, and, or, calls, mailing, contact, texting, calling
donot: do not, dont, did not, didnt, do nt
nolonger: not, no longer
msg: texts, text, txts, txt, messages, message, msgs, msg, sms, mms, reminders, reminder, notifications,
    notification, alerts, alert, updates, spam, promos, promotions, promotion, ads, advertisements, marketing,
    newsletters, newsletter, solicitations, messsages, mesages, texting, messaging
msgd: texts, text, txts, txt, messages, message, msgs, msg, sms, mms, reminders, reminder, notifications,
    notification, alerts, alert, updates, spam, promos, promotions, promotion, ads, advertisements, marketing,
    newsletters, newsletter, solicitations, messsages, mesages, texting, messaging, texted, contacted, messaged,
    being contacted
junk: this, these, those, them, stuff, things, anything, junk, nonsense, garbage, it
list: list, lists, system, database, contacts, texts, messages, reminders, subscription, phone, text, sms,
    distribution, group, rolodex, group text, chat
never: do not, dont, dnt, do nt, never, not to, dont you ever, dont you dare, dont ever, never ever, do not
    ever, do not you ever, please not, you better not, can you not, could you not, would you not, will you not,
    please no, must not, may not, stop do not, don t
nowish: do not, dont, no longer, dont ever, do not ever, would not, wouldnt, dont really, never, not, dont even
unsub: unsubscribe, unsub, unsuscribe, unsubcribe, unsubscibe
iwant: want to, wanna, would like to, d like to, wish to, need to, like to, id like to, i choose to, am, im, i,
    prefer to, trying to, please let me, let me, elect to, decided to
again: again, anymore, any more, ever, ever again
es_msg: mensajes, mensaje, mensajitos, textos, texto, sms, recordatorios, recordatorio, notificaciones,
    notificacion, avisos, publicidad, promociones, alertas, spam, whatsapps, mensages
es_det: mas, mis, mi, los, las, el, la, sus, su, tus, tu, estos, estas, esos, esas, este, ese, esta, esa, de,
    tantos, tanto, ningun, ninguna, otro, con, todos, todas, a, un, texto, mensajes
es_quit: deja, deje, dejen, dejad, para, pare, paren, parad, cesen, cese, eviten, evite, deja ya, dejen ya,
    paren ya, basta, detenganse, paren de una vez
es_write: escribirme, contactarme, molestarme, textearme, llamarme, escribirnos, contactarnos, escribir,
    molestar, molestarnos, acosarme, mensajearme, contactar, textear, joderme, fastidiar
es_sendinf: mandarme, enviarme, mandar, enviar, mandarnos, enviarnos
es_writesubj: escriba, escriban, escribas, contacte, contacten, contactes, moleste, molesten, molestes, textee,
    texteen, textees, mensajee, mensajeen, busquen, acosen, texten, escriben
es_sendsubj: mande, manden, mandes, envie, envien, envies, mandan, envian
es_remindsubj: avise, avisen, avises, recuerde, recuerden, recuerdes, notifique, notifiquen, notifiques, informen
es_take: quitenme, quiteme, quitame, saquenme, saqueme, sacame, borrenme, borreme, borrame, eliminenme,
    elimineme, eliminame, remuevanme, remuevame, retirenme, retireme, retirame
es_delete: quiten, quite, quita, saquen, saque, saca, borren, borre, borra, eliminen, elimine, elimina,
    remuevan, remueva, retiren, retire, olviden, olvide, borrar, eliminar, quitar
es_want: quiero, deseo, quisiera, queremos, deseamos, me gustaria, necesito
fr_msg: messages, message, textos, texto, sms, rappels, rappel, notifications, notification, alertes,
    publicites, publicite, pubs, pub, spam, promos, promotions, mms, texte, textes
fr_det: de, la, cette, mes, des, d, les, le, vos, votre, ces, ce, tes, tous, toutes, un, une, seul, autres,
    autre, aucun, aucune, vous, tout, sur, tels, nouveaux
fr_quit: arretez, arrete, arreter, cessez, cesse, cesser, stoppez, stop, stopper, arretes, veuillez cesser
fr_write: ecrire, contacter, texter, deranger, harceler, spammer, embeter, appeler, solliciter, relancer,
    joindre, importuner, spamer, emmerder
fr_writeimp: ecrivez, ecris, contactez, contacte, textez, texte, derangez, derange, harcelez, sollicitez,
    embetez, importunez, relancez
fr_remind: prevenir, avertir, rappeler, informer, notifier, aviser
fr_remindimp: prevenez, previens, avertissez, rappelez, rappelle, informez, notifiez, avisez
fr_send: envoyez, envoie, envoyer, adressez, envoies, envoyez moi, envoie moi
fr_want: veux, souhaite, desire, voudrais, voulons, souhaitons, aimerais, accepte, veut, desirons
fr_take: retirez, enlevez, supprimez, effacez, otez, rayez, retire, enleve, supprime, efface, radiez,
    desinscrivez, desabonnez, oubliez, desabonne, desinscris, retirer, supprimer
pet: dog, cat, pet, pets, dogs, cats, animal, animals, horse, puppy, kitten
will: i will, ill, im going to, i am going to, im gonna, i m going to, or
"""
) | {
    "here": tuple(
        f"{way}{whose} {thing}"
        for way in ("", "at ", "on ", "to ", "from ")
        for whose in ("this", "my", "our")
        for thing in _NUMBERS
    ),
    "bytext": tuple(dict.fromkeys(_BY_TEXT)),
}
"""Word classes by name."""
