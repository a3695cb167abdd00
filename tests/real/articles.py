"""Articles for sites in three languages: a first line that is the title, then paragraphs."""

from tests.real.stories import Story

OPENING = Story(
    ref="opening",
    campaign="River museum",
    link="https://museum.example.org/opening?from=site&day=1",
    texts={
        "ar": "افتتاح قاعة جديدة على ضفة النهر\n\nتفتح القاعة أبوابها يوم السبت 🛶\n\nالدخول «مجاني» للطلاب",
        "fr": "Une salle s’ouvre au bord du fleuve\n\nElle ouvre samedi 🛶\n\nEntrée libre [élèves] <18 ans>",
        "zh-CN": "河畔新馆开放\n\n新馆周六开放🛶\n\n学生免费入场。",
    },
    alts={
        "ar": "قاعة خالية يدخلها ضوء النهر",
        "fr": "Une salle vide dans la lumière du fleuve",
        "zh-CN": "河光映入的空展厅",
    },
)
FAMILIES = Story(
    ref="families",
    texts={
        "ar": "يوم العائلة 👨‍👩‍👧‍👦\n\nالبرنامج: https://museum.example.org/family، والدخول مجاني",
        "fr": "Fête des familles 👨‍👩‍👧‍👦\n\nProgramme\u00a0: https://museum.example.org/été, entrée libre",
        "zh-CN": "家庭日 👨‍👩‍👧‍👦\n\n详见https://museum.example.org/家庭。免费入场",
    },
    live={
        "ar": ("https://museum.example.org/family",),
        "fr": ("https://museum.example.org/été",),
        "zh-CN": ("https://museum.example.org/家庭",),
    },
)
SOON = Story(
    ref="soon",
    texts={
        "ar": "الأبواب تُفتح الآن\n\nأهلا بكم",
        "fr": "Les portes s’ouvrent maintenant\n\nBienvenue",
        "zh-CN": "现在开门\n\n欢迎光临",
    },
)
BURST = Story(
    ref="burst",
    channels="lang:ar, lang:zh-CN",
    texts={
        "ar": "خبر عاجل من المتحف\n\nالتفاصيل بعد قليل",
        "zh-CN": "博物馆快讯\n\n详情稍后",
    },
)
