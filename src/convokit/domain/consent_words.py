"""The words of consent: which texts ask to stop, to start, or for help. Data only; this table is law.

Every word is written as the classifier sees it: lower case, without accents, apostrophes removed (``dont``), French
elisions split (``m envoyer``). Sources: the reply words of 47 CFR 64.1200(a)(10) (FCC 24-24), the carriers' keyword
lists, the CTIA principles, and what people really write in English, Spanish and French.
"""

from __future__ import annotations

from typing import Final

# --- whole messages -------------------------------------------------------------------------------------------------

STRONG_STOP: Final = frozenset(
    """stop stopall unsubscribe unsub unsuscribe unsubcribe unsubscibe unsubscribed optout remove revoke quit
    arret arrete arretez arreter stopper desabonner desabonnement desinscription desinscrire desabonnez desabo
    alto baja parar detener detenganse detengase desuscribir desuscribirme sair stopp abmelden afmelden 退订""".split()
).union(
    ("stop all", "opt out", "opting out", "opt out all", "optout me", "stop sms", "stop pub", "un subscribe"),
    ("text stop", "texts stop", "txt stop", "txts stop", "sms stop", "msg stop", "msgs stop"),
    ("message stop", "messages stop", "reminders stop"),
    ("no mas", "ya no mas", "darse de baja", "de baja", "cancelar suscripcion", "cancelar la suscripcion", "cessez"),
)
"""Opt out as the whole message, courtesy words around them or not."""

APPOINTMENT_STOP: Final = frozenset({"cancel", "cancelar", "end", "td"})
"""Opt out only when nothing at all stands beside them: in a clinic they usually mean the appointment."""

CANCEL_WORDS: Final = frozenset({"cancel", "cancelar"})
"""Bare, they opt out; staff are told that the client may have meant an appointment."""

MAYBE_CANCEL: Final = frozenset(
    {"annuler", "annulez", "annule", "cancela", "cancele", "cancelen", "cancel all", "cancelled", "canceled"}
)
"""As a whole message: perhaps an opt-out, more likely an appointment. For staff to judge."""

START_WORDS: Final = frozenset(
    """start unstop subscribe resubscribe resume optin suscribir suscribirme suscribirse reanudar
    abonner reabonner""".split()
) | {"opt in", "un stop", "start all", "me abonner", "me reabonner"}

YES_WORDS: Final = frozenset({"yes", "si", "oui"})
"""Opt in only while the client is opted out; otherwise they answer somebody's question."""

HELP_WORDS: Final = frozenset(
    {"help", "info", "aide", "ayuda", "hilfe", "help me", "sos", "a l aide", "aidez moi", "ayudenme"}
)

GLUED: Final = frozenset({"stop", "stopall", "unsubscribe", "optout", "unstop"})
"""Recognised when blanks or signs stand between any letters (``st op``, ``S.T.O.P``)."""

_JOINED: Final = ("stop", "quit", "end", "cancel", "unsubscribe", "unsub", "optout", "revoke", "remove")
_JOINED_TEXTS: Final = ("text", "texts", "txt", "txts", "sms", "msg", "msgs", "message", "messages", "reminders")

COMPOUNDS: Final[dict[str, tuple[str, ...]]] = {
    **{f"{a}{to}{b}": (a, to, b) for a in _JOINED for to in ("2", "to") for b in (*_JOINED, "all") if a != b},
    **{f"stop{texts}": ("stop", texts) for texts in _JOINED_TEXTS},
    **{f"{texts}stop": (texts, "stop") for texts in _JOINED_TEXTS},
}
"""Written as one word, meant as several (``STOP2END``, ``txtstop``)."""

ENGLISH_KEYWORDS: Final = frozenset(
    """stop stopall unsubscribe unsub optout opt out cancel end quit revoke remove start unstop help""".split()
)
"""With an accent on them (``ŚTOP``) these are look-alikes, not words of another language."""

LIST_GLUE: Final = frozenset({"2", "to", "or", "and", "for", "y", "o", "et", "ou"})
"""May stand between keywords in a list of them (``STOP 2 END``)."""

COURTESY: Final = frozenset(
    """please pls plz plse plez pleas thanks thank thankyou thx thnx tks ty now just kindly ok okay okey k hi hello hey
    sir madam maam asap immediately already today guys people everyone bitte danke yes yeah yep yea
    svp stp merci bonjour salut monsieur madame maintenant immediatement vite oui
    favor porfavor porfa gracias hola ahora ya inmediatamente senor senora si well so seriously""".split()
) | {"thank you", "s il vous plait", "s il te plait", "por favor", "thank you very much", "right now", "no thanks"}
"""Say nothing about consent; dropped before a message is compared with the keywords."""

EXPLETIVES: Final = frozenset(
    """fuck fucking fuckin fking fkn fckin fcking fck fuckers fucker effing damn dammit damnit goddamn goddam bloody
    freaking freakin frickin fricking friggin hell shit bullshit crap ass asshole assholes bitch bitches idiot idiots
    jerk jerks moron morons creeps bastards ffs wtf omg jesus christ god lol lmao smh
    carajo chingada chingados joder puta putos mierda pinche pinches cono cabrones pendejos idiotas
    putain merde bordel connard connards""".split()
) | {"for fucks sake", "for gods sake", "for the love of god", "the hell", "the fuck", "the heck", "damn it"}

WRONG_NUMBER_NOT_BEFORE: Final = frozenset({"of", "on", "for", "in", "to", "when", "de", "the", "last"})
"""``wrong number of pills`` is about pills."""


# --- what stands before and after an order --------------------------------------------------------------------------

NEGATORS: Final = frozenset(
    """dont not never wont cant cannot couldnt wouldnt didnt doesnt isnt hasnt havent did does without until nobody
    stopped once whether nunca jamais sin sans n ne pas keep arent wasnt shouldnt mustnt wants keeps""".split()
)
"""Before an order, at once or across words of ``BRIDGES``, these undo it."""

BRIDGES: Final = frozenset(
    """to you u me us them want wanted wants need needed ask asked asking tell told say said mean meant please just ever
    like wish have the so even also think thought should would going forget let they he she it we i for that really
    get make reply text texted accidentally intend try trying please yall guys""".split()
)
"""Through these a negation reaches the order (``I don't want you to stop``)."""

SPANISH_NO: Final = "no"
"""Undoes a Spanish order right after it; in English (``no stop texting me``) it may be an answer."""

SUBJECTS: Final = frozenset(
    """you they he she it i we who people u nobody somebody someone ils elles il elle ellos ella""".split()
)
"""Right before a refusal they make it a statement about somebody."""


TAIL_FILL: Final = COURTESY.union(
    """anymore any more again ever all the time constantly completely altogether forever entirely permanently at once
    and for good every day daily whatsoever period further effective thereafter of kind here really too also
    immediatly instantly number from to me us needed necessary required way u you your weirdo weirdos spammers
    scammers losers list service system
    mas nunca jamas nada vez una de por la los sus su lista mensajes textos sistema servicio completamente
    jamais plus tout suite rien encore sil vous plait votre vos cette la liste part""".split()
)
"""After an order these add nothing."""

TAIL_NEW_CLAUSE: Final = frozenset(
    """or and because bc cause cuz i im ive ill id you youre your we were he she shes hes this thats it its who
    otherwise but thank thanks no not dont do never nobody nor ya porque o y pero parce car ou et je
    merci sino sinon stop unsubscribe wrong call email use instead call""".split()
)
"""A new thought begins; the order before it stands."""

NOT_BEFORE_PLEASE_STOP: Final = frozenset(
    {"you", "u", "to", "it", "this", "that", "them", "we", "i", "and", "dont", "not"}
)
"""``could you please stop`` may mean something that happens in the room; ``we moved please stop`` does not."""

PLEA_AFTER_STOP: Final = frozenset(
    """i im ive ill you youre we were because bc she he this who whos no not dont please je vous ella el yo""".split()
)
"""After a leading STOP these begin a sentence of its own: perhaps an opt-out, perhaps not."""

CARE: Final = frozenset(
    """pill pills med meds medicine medicines medication medications antibiotic antibiotics treatment treatments food
    feeding eating drinking drops insulin prednisone tablet tablets dose dosage doses shots shot vaccine vaccines
    barking coughing vomiting bleeding licking scratching shaking surgery bandage cone diet drug drugs steroid steroids
    giving bites biting seizures seizure chemo therapy bark drop worrying appointment appointments visit by
    pastilla pastillas medicina medicamento antibiotico tratamiento comida dosis cita perro gato
    comprimes comprime medicament traitement antibiotique croquettes rendez rdv rendezvous tousser over in tomorrow
    cold""".split()
)
"""Words of care: a STOP beside them is about the animal."""

# --- emergencies, reactions, signatures -----------------------------------------------------------------------------

HELP_FIRST: Final = frozenset(
    {
        "help",
        "ayuda",
        "ayudenme",
        "ayudeme",
        "aide",
        "aidez",
        "sos",
        "hilfe",
        "urgent",
        "emergency",
        "secours",
        "socorro",
        "auxilio",
    }
)

HELP_LEAD: Final = COURTESY | {"a l", "al", "au", "i need", "we need", "need", "need some"}
"""May stand before the cry (``à l'aide``)."""

EMERGENCY: Final = frozenset(
    """ate chocolate poison poisoned poisoning bleeding bled blood seizure seizing seizures breathing breathe choking
    choked collapsed collapse unconscious hit dying dead emergency swallowed attacked bitten bloat grapes xylitol
    antifreeze vomiting puppy kitten dog cat she he her him comio sangre sangrando convulsion convulsiones respira
    veneno atropellado perro perra gato gata mange chocolat sang saigne convulsions respire chien chienne chat chatte
    mouse rabbit horse bird""".split()
)
"""With a cry for help, these mean that a person must look now."""

NOT_URGENT: Final = frozenset({"invoice", "bill", "billing", "appointment", "refill", "form", "portal", "login", "app"})

SIGNATURES: Final[tuple[str, ...]] = (
    *("sent from my", "sent from yahoo", "sent from outlook", "sent from mail", "sent from the", "sent from samsung"),
    *("sent via", "get outlook", "envoye de mon", "envoye depuis", "envoye de", "enviado desde", "enviado de"),
    *("gesendet von", "-----original message", "----- original message", "________", "sent from gmail"),
)
"""A line that begins so is not the client's; nor is what follows it."""

REACTIONS: Final[tuple[str, ...]] = (
    *("liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned", "reacted to", "hearted"),
    *("removed a like from", "removed a heart from", "le gusto", "le encanto", "no le gusto", "a aime", "a adore"),
    *("a bien aime", "n a pas aime", "se rio de", "a ri de"),
)
"""Phones send these, with the text in quotes, when somebody taps a heart on it."""

QUOTE_ENDS: Final = ("wrote:", "escribio:", "a ecrit :", "a ecrit:", "schrieb:")
"""A line that ends so introduces the quoted message."""

# --- signs ----------------------------------------------------------------------------------------------------------

STOP_SIGNS: Final = "🛑⛔🚫"
"""Pictures that may stand for STOP; never enough by themselves."""

LOOK_ALIKES: Final[dict[str, str]] = {
    **dict(zip("авекмнорстухѕіјԁһԛѵ", "abekmhopctyxsijdhqv", strict=True)),
    **dict(zip("αβεικνορτυχηω", "abeikvoptuxnw", strict=True)),
    **dict(zip("ꜱᴛᴏᴘᴜɴʙᴄʀɪᴇǫᴀʟᴅ", "stopunbcrieqald", strict=True)),
    **dict(zip("013457$@øðłđŧ", "oieastsaodldt", strict=True)),
}
"""Letters of other scripts, and digits, that look like Latin ones (after casefolding)."""
