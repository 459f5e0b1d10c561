"""Wake a client's browser: register it, write, and see what it shows; then say that the app was opened, and read.

    python examples/wake_the_app.py

The push service and the browser behind it are pretended on this machine, as strict as the standards are. It needs the
plugin ``convokit-push-webpush`` and ``convokit-vet[testing]``.
"""

import json

from convokit_push_webpush import WebPushSettings
from convokit_push_webpush.testing import WebPushService

import convokit

ANA = convokit.Client(id="c17", name="Ana Ruiz")
KIM = convokit.Staff(id="u1", name="Dr. Kim")


def identify(request: convokit.HttpRequest) -> convokit.AppUser | None:
    """Who is signed in: your sessions say it."""
    signed_in = request.header("Cookie") == "session=4711"
    return convokit.AppUser(practice_id="happy-paws", client_id=ANA.id) if signed_in else None


def main() -> None:
    with WebPushService() as service:
        settings = service.settings()  # yours: a private key, whom to write to, and the services as they are
        with convokit.open("memory:", plugins=["webpush"], settings={"webpush": settings}) as kit:
            kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
            play(kit, service, WebPushSettings(**settings).application_server_key)


def play(kit: convokit.Convokit, service: WebPushService, key: str) -> None:
    desk, front = kit.practice("happy-paws"), kit.app_front(identify)

    def post(path: str, told: dict[str, object]) -> None:
        """What the page does with fetch()."""
        headers = (("Cookie", "session=4711"), ("Content-Type", "application/json"))
        body = json.dumps(told).encode()
        request = convokit.HttpRequest(method="POST", url=f"https://vet.example/app/{path}", headers=headers, body=body)
        print("the page:   POST", path, "->", front(request).status)

    def check() -> None:
        shown = desk.message(sent.id).indicator
        print("front desk:", "" if shown is None else shown.label)

    browser = service.subscribe(key)
    post("registrations", {"transport": "webpush", "token": browser.token, "keys": dict(browser.keys)})
    talk = desk.start(client=ANA, channel="app", by=KIM)
    sent = desk.send(talk.id, "Bella's results are in.", by=KIM)
    check()
    kit.work()
    for shown in service.ledger:
        print("the phone: ", shown.told["title"], "-", shown.told["text"])
    check()
    post("opened", {})
    check()
    post("read", {"conversation": talk.id, "upto": sent.seq})
    check()


if __name__ == "__main__":
    main()
