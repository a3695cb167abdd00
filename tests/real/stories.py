"""Posts in five languages with what platforms stumble over, and the words in them that must become live."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

IMAGE, IMAGE_SIZE = "hall.png", (640, 360)
GUIDE = "@guide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post: texts and alt texts by language; `live` are the links, mentions and hashtags, in order.

    `clock` is the zone in which its time is written; `zone`, where it is another word for it, what the table
    says.
    """

    ref: str
    texts: Mapping[str, str]
    live: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alts: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    campaign: str = ""
    channels: str = "*"
    clock: str = "Asia/Shanghai"
    zone: str = ""

    def mentioning(self, handle: str) -> "Story":
        """The same post with this handle in place of the guide's."""
        mention = f"@{handle}"
        return replace(
            self,
            texts={tongue: text.replace(GUIDE, mention) for tongue, text in self.texts.items()},
            live={
                tongue: tuple(mention if word == GUIDE else word for word in words)
                for tongue, words in self.live.items()
            },
        )

    def row(self, at: datetime) -> dict[str, str]:
        """As a row of a table of posts, due at this instant."""
        row = {
            "post": self.ref,
            "campaign": self.campaign,
            "at": f"{at.astimezone(ZoneInfo(self.clock)):%Y-%m-%d %H:%M:%S}",
            "zone": self.zone or self.clock,
            "channels": self.channels,
            "link": self.link,
            "media": IMAGE if self.alts else "",
        }
        texts = {f"text.{language}": text for language, text in self.texts.items()}
        return row | texts | {f"alt.{language}": alt for language, alt in self.alts.items()}


def paint(folder: Path) -> None:
    """Put the image of the posts beside their table."""
    Image.linear_gradient("L").resize(IMAGE_SIZE).save(folder / IMAGE)


OPENING = Story(
    ref="opening",
    campaign="River museum",
    link="https://museum.example.org/opening?from=post&day=1",
    texts={
        "ar": f"افتتاح قاعة جديدة على ضفة النهر 🛶 يرحب بكم {GUIDE} #متحف #أبواب_مفتوحة",
        "en": f"A new hall opens by the river 🛶 Come in, says {GUIDE}! #Museum #OpenDay",
        "es": f"Se abre una sala junto al río 🛶 ¡Pasen!, dice {GUIDE}. #Museo #PuertasAbiertas",
        "fr": f"Une salle s’ouvre au bord du fleuve 🛶 Entrez, dit {GUIDE}\u00a0! #Musée #PortesOuvertes",
        "ja": f"川辺に新しい展示室が開きました🛶 案内は {GUIDE} さん #博物館 #公開日",
    },
    live={
        "ar": (GUIDE, "#متحف", "#أبواب_مفتوحة"),
        "en": (GUIDE, "#Museum", "#OpenDay"),
        "es": (GUIDE, "#Museo", "#PuertasAbiertas"),
        "fr": (GUIDE, "#Musée", "#PortesOuvertes"),
        "ja": (GUIDE, "#博物館", "#公開日"),
    },
)
FAMILIES = Story(
    ref="families",
    texts={
        "ar": "👨‍👩‍👧‍👦 يوم العائلة: https://museum.example.org/family، والدخول مجاني #عائلات",
        "en": "👨‍👩‍👧‍👦 Family day: https://museum.example.org/family, free entry. #Families",
        "es": "👨‍👩‍👧‍👦 Día de las familias (https://museum.example.org/family). #Niñez",
        "fr": "👨‍👩‍👧‍👦 Fête des familles\u00a0: https://museum.example.org/été\u00a0! #Été",
        "ja": "👨‍👩‍👧‍👦家族の日。詳しくはhttps://museum.example.org/家族。入場無料 #家族",
    },
    live={
        "ar": ("https://museum.example.org/family", "#عائلات"),
        "en": ("https://museum.example.org/family", "#Families"),
        "es": ("https://museum.example.org/family", "#Niñez"),
        "fr": ("https://museum.example.org/été", "#Été"),
        "ja": ("https://museum.example.org/家族", "#家族"),
    },
)
PHOTO = Story(
    ref="photo",
    campaign="River museum",
    link="https://museum.example.org/hall",
    texts={
        "ar": "القاعة الجديدة قبل وصول الزوار 🏳️‍🌈",
        "en": "The new hall before the visitors came 🏳️‍🌈",
        "es": "La sala nueva antes de que llegaran las visitas 🏳️‍🌈",
        "fr": "La nouvelle salle avant l’arrivée des visiteurs 🏳️‍🌈",
        "ja": "お客様を迎える前の新しい展示室 🏳️‍🌈",
    },
    alts={
        "ar": "قاعة خالية يدخلها ضوء النهر",
        "en": "An empty hall, lit from the river",
        "es": "Una sala vacía con la luz del río",
        "fr": "Une salle vide dans la lumière du fleuve",
        "ja": "川の光が差し込む誰もいない展示室",
    },
)
TOKYO = Story(
    ref="tokyo",
    channels="lang:ja",
    clock="Asia/Tokyo",
    zone="audience",
    texts={"ja": "東京の皆様へ：本日より前売り券を販売します。"},
)
SOON = Story(
    ref="soon",
    texts={
        "ar": "الأبواب تُفتح الآن",
        "en": "The doors open now",
        "es": "Las puertas se abren ahora",
        "fr": "Les portes s’ouvrent maintenant",
        "ja": "ただいま開場しました",
    },
)
