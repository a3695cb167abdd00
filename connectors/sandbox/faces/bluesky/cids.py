"""Content identifiers, record keys and account identifiers in atproto's spelling."""

import base64
import hashlib
import json
import re
from datetime import datetime

TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_RAW, _DAG_CBOR = 0x55, 0x71


def blob_cid(content: bytes) -> str:
    """The CIDv1 (raw, sha-256) of a blob, as the PDS computes it."""
    return _cid(_RAW, content)


def record_cid(value: object) -> str:
    """A CIDv1 that changes with the record; hashed over sorted JSON where the PDS hashes DAG-CBOR."""
    return _cid(_DAG_CBOR, json.dumps(value, sort_keys=True, ensure_ascii=False).encode())


def _cid(codec: int, content: bytes) -> str:
    framed = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(content).digest()
    return "b" + _base32(framed)


def did(digest: bytes) -> str:
    """A did:plc identifier: 24 characters of base32."""
    return "did:plc:" + _base32(digest[:15])


def tid(instant: datetime, clock_id: int) -> str:
    """The timestamp identifier of an instant (microseconds) and a clock id below 1024."""
    number = (int(instant.timestamp() * 1_000_000) << 10) | (clock_id & 1023)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def _base32(content: bytes) -> str:
    return base64.b32encode(content).decode().lower().rstrip("=")
