"""Loads what the bot says and does from a folder of files (flows/), and refuses what it cannot run."""

from bot.content.folder import ContentFolder
from bot.content.load import load_content
from bot.content.problem import ContentRefused, Problem

__all__ = ["ContentFolder", "ContentRefused", "Problem", "load_content"]
