"""The language of this run of the command, chosen once at start."""

from config.settings import ui_language
from scheduler.i18n import closest_language, translator

LANGUAGE = closest_language(ui_language())
_ = translator(LANGUAGE)
