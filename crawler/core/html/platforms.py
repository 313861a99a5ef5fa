"""Embeds of other platforms: which frames and quotations are a post or a player, and what each stands for. Data and a look-up."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

from crawler.core.html.markup import Element
from crawler.core.html.naming import LATER_SOURCES, Attributes

# Hosts whose frames are posts, films or recordings. Frames of other hosts are advertisements more often than sources.
_PLAYERS = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com/(?:embed|v|shorts)|youtu\.be|player\.vimeo\.com|dailymotion\.com|"
    r"instagram\.com/(?:p|reel|tv)/|facebook\.com/(?:plugins/(?:post|video|comment_embed)|[\w.-]+/(?:posts|videos))|fb\.watch|"
    r"tiktok\.com/(?:embed|@|player)|t\.me/|telegram\.me/|bsky\.app|threads\.(?:net|com)|reddit(?:media)?\.com/r/|redditmedia\.com|"
    r"rutube\.ru|vk\.com/video_ext|vkvideo\.ru|ok\.ru/videoembed|rumble\.com/embed|odysee\.com|bitchute\.com/embed|twitch\.tv|"
    r"soundcloud\.com/player|spotify\.com/embed|streamable\.com|gfycat\.com/ifr|giphy\.com/embed|imgur\.com|vine\.co/v|"
    r"documentcloud\.org|scribd\.com/embeds|slideshare\.net|pinterest\.com|linkedin\.com/embed|loom\.com/embed|ted\.com|"
    r"podcasts\.apple\.com|archive\.org/embed|datawrapper\.dwcdn\.net|flourish\.studio|infogram\.com|google\.com/maps/(?:embed|d))",
    re.IGNORECASE,
)
# Attributes in which a platform's own quotation or placeholder names the post.
_PERMALINKS = (
    "data-instgrm-permalink",
    "data-text-post-permalink",
    "data-bluesky-uri",
    "data-embed-url",
    "cite",
    "data-href",
    "data-url",
)
_POSTS = re.compile(
    r"(?:^|\s)(?:instagram-media|tiktok-embed|bluesky-embed|text-post-media|mastodon-embed|reddit-embed-bq|reddit-card|fb-post|fb-video|telegram-post|"
    r"imgur-embed-pub|vk-post|embedly-card|embedly)(?=\s|$)"
)
_SHORTCODES = {
    "script": ("data-telegram-post", "https://t.me/"),
    "amp-youtube": ("data-videoid", "https://www.youtube.com/watch?v="),
    "amp-instagram": ("data-shortcode", "https://www.instagram.com/p/"),
    "amp-facebook": ("data-href", ""),
    "amp-iframe": ("src", ""),
}


def player_address(element: Element) -> str | None:
    """Return the address of the post or player that element embeds, or None where it embeds none."""
    if element.tag in _SHORTCODES:
        name, prefix = _SHORTCODES[element.tag]
        value = element.get(name).strip()
        return prefix + value if value and (prefix or _PLAYERS.match(value)) else None
    if element.tag in ("iframe", "embed") or not LATER_SOURCES.isdisjoint(element.attributes):
        return loaded_player(element.attributes)
    if _POSTS.search(element.get("class")):
        return next((value.strip() for name in _PERMALINKS if (value := element.get(name)).strip()), None)
    return None


def loaded_player(attributes: Attributes) -> str | None:
    """Return the address of the post or player that a frame with these attributes loads, now or later; None where it is none."""
    sources = (value for name, value in attributes.items() if value and "src" in name and _PLAYERS.match(value.strip()))
    return next(map(_unwrapped, sources), None)


def _unwrapped(address: str) -> str:
    """Return the post that a plugin's frame shows (Facebook names it in a parameter), else the frame's own address."""
    address = address.strip()
    if "facebook.com/plugins/" in address and (named := parse_qs(address.partition("?")[2]).get("href")):
        return unquote(named[0])
    return address
