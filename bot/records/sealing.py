"""Sessions, messages and replies as SQL and Redis hold them: msgpack, sealed."""

from __future__ import annotations

import msgspec

from bot.inputs import MessageReceived
from bot.session import Session, decode, encode
from bot.vault import Vault


def seal_session(vault: Vault, session: Session) -> bytes:
    return vault.seal(encode(session), f"conversations.session:{session.conversation}")


def open_session(vault: Vault, conversation: str, sealed: bytes) -> Session:
    """Raises bot.vault.SealBroken, msgspec.ValidationError for what is not a session of ours."""
    return decode(vault.open(sealed, f"conversations.session:{conversation}"))


def seal_message(vault: Vault, message: MessageReceived) -> bytes:
    return vault.seal(msgspec.msgpack.encode(message), "inbound.body")


def open_message(vault: Vault, sealed: bytes) -> MessageReceived:
    return msgspec.msgpack.decode(vault.open(sealed, "inbound.body"), type=MessageReceived)


def seal_reply(vault: Vault, reply: str | None) -> bytes:
    return vault.seal(msgspec.msgpack.encode(reply), "inbound.reply")


def open_reply(vault: Vault, sealed: bytes | None) -> str | None:
    return msgspec.msgpack.decode(vault.open(sealed, "inbound.reply"), type=str | None) if sealed else None


def seal_gloss(vault: Vault, gloss: str | None) -> bytes | None:
    return vault.seal(gloss.encode(), "gloss") if gloss is not None else None


def open_gloss(vault: Vault, sealed: bytes | None) -> str | None:
    return vault.open(sealed, "gloss").decode() if sealed else None


def open_address(vault: Vault, sealed: bytes) -> tuple[str, str]:
    """The two numbers of a conversation, the member's and ours (E.164)."""
    numbers: dict[str, str] = msgspec.msgpack.decode(vault.open(sealed, "conversations.address"))
    return numbers["member"], numbers["ours"]
