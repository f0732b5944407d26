"""What one party was told in private, and all that the other can look at."""

from typing import Any

from messaging.models import Message
from tests.guided.game import OTHER, PARTIES, Game


def secrets_of(game: Game, role: str) -> list[str]:
    """Return what nobody but this party may find: ids and texts of its own messages."""
    messages = Message.objects.filter(conversation=game.key)
    known = set(messages.exclude(visible_to=role).values_list("text", flat=True))
    own = messages.filter(visible_to=role)
    return [each for message in own for each in (str(message.pk), message.text) if each not in known]


def readable_by(game: Game, role: str) -> dict[str, Any]:
    """Return all that a party can read of the conversation, by route."""
    client = game.players[role].client
    of, v1 = f"/api/messages/conversations/{game.key}", f"/api/v1/conversations/{game.key}"
    routes = [
        "/api/messages/conversations?limit=100",
        "/api/v1/conversations",
        f"{of}/messages?limit=100",
        f"{of}/messages?after_seq=0",
        f"{of}/events?after_seq=0&limit=1000",
        f"{of}/context",
        f"{of}/actions",
        f"{of}/transitions",
        f"{v1}/messages?limit=100",
    ]
    answers = {route: client.get(route) for route in routes}
    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(routes, 200)
    return {route: answer.json() for route, answer in answers.items()}


def check_secrets(game: Game) -> None:
    """Neither party finds anything of the other's, wherever it looks, and both count what they see."""
    for role in PARTIES:
        found = readable_by(game, role)
        for secret in secrets_of(game, OTHER[role]):
            routes = [route for route, body in found.items() if secret in str(body)]
            assert not routes, f"{role} finds {secret!r} in {routes}"
        for route, body in found.items():
            for card in cards_in(body):
                assert card["visible_to"] == role, f"{role} finds the other's buttons in {route}"


def cards_in(body: Any) -> list[dict[str, Any]]:
    """Return all buttons in a body, however deep."""
    if isinstance(body, list):
        return [card for item in body for card in cards_in(item)]
    if not isinstance(body, dict):
        return []
    return [body] if "buttons" in body else [card for item in body.values() for card in cards_in(item)]
