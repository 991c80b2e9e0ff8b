"""Header text: made comparable, and peeled of a trailing unit or currency."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CODES = """
    AED ARS AUD BDT BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW
    KWD KZT LKR MAD MOP MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD
    UAH USD UYU VND ZAR
"""
CURRENCIES: frozenset[str] = frozenset(_CODES.split())
SYMBOLS: dict[str, str] = {
    **{"us$": "USD", "hk$": "HKD", "nt$": "TWD", "a$": "AUD", "c$": "CAD", "s$": "SGD", "r$": "BRL"},
    **{"mx$": "MXN", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "rs.": "INR", "rs": "INR"},
    **{"₫": "VND", "đ": "VND", "₩": "KRW", "฿": "THB", "₽": "RUB", "₴": "UAH", "₺": "TRY", "₱": "PHP"},
    **{"zł": "PLN", "kč": "CZK", "s/": "PEN", "rp": "IDR", "jp¥": "JPY", "cn¥": "CNY", "¥": "CNY"},
    **{"rmb": "CNY", "元": "CNY", "人民币": "CNY"},
}
#: Symbols that stand for more than one currency: the reader is told what was assumed.
UNSURE_SYMBOLS: frozenset[str] = frozenset({"$", "¥"})
_UNITS = frozenset({"%", "次", "单", "条", "秒", "单/条", "个", "人", "#"})
#: Units of a header's bracket that make its figures larger; 分 (cents) only where money is meant.
SCALES: dict[str, float] = {"万": 1e4, "万元": 1e4, "千元": 1e3, "亿": 1e8, "亿元": 1e8, "百万元": 1e6}
#: Units of money in a line of text; "100（万元）" is an amount and "impressions in thousands" no money.
_ABOVE = re.compile(
    r"(?:单位\s*[:：为是]?\s*|(?<![\d\s])[(（])(?:人民币)?(?P<zh>百万元|亿元|万元|千元)"
    r"|\bin (?:[a-z$€£]{1,4} ?)?(?P<en>thousands|millions)\b|(?:[$€£]|\b[a-z]{3} ?['’])000s?\b",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"impression|view|click|reach|曝光|展现|展示|点击", re.IGNORECASE)
_CENTS = frozenset({"分", "cents", "cent"})
_JUNK = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f"), None)
_TAIL = re.compile(r"^(.+?)[(\[]([^()\[\]]{1,8})[)\]]$")
_DERIVED = re.compile(
    r"cost per|cost ?/|avg\.? ?(cost|cpc|cpm|cpa)|average (cost|cpc|cpm)|per result|成本|单价|均价"
    r"|平均.*(价格|费用|花费|消费)|千次.*(费用|消费|花费|价格)|每次.*费用|^cp[acmlv]\b|\broas\b|\bacos\b|\broi\b|占比|(率|ctr|cvr)(\(.*\))?$"
)


@lru_cache(maxsize=20_000)
def normalise(text: str) -> str:
    """A header made comparable: NFKC, no BOM or tabs, casefolded, half-width brackets, single spaces."""
    plain = unicodedata.normalize("NFKC", text).translate(_JUNK).casefold().replace("_", " ")
    plain = " ".join(plain.split()).strip("'\" ")
    return re.sub(r"\s*([()\[\]])\s*", r"\1", plain)


def currency_of(text: str) -> str | None:
    """ISO code meant by a code or a symbol, or None."""
    plain = text.strip().casefold()
    return plain.upper() if plain.upper() in CURRENCIES else SYMBOLS.get(plain)


@lru_cache(maxsize=20_000)
def peel(text: str) -> tuple[str, str | None] | None:
    """A normalised header without its trailing unit or currency bracket.

    Only a currency code or symbol, 元, 万元, %, 次, 单, 条 or 秒 is peeled; a bracket such as
    ``(all)`` or ``(计费时间)`` changes the meaning and stays.

    Returns:
        ``(header, currency or None)``, or None when there is nothing to peel.
    """
    match = _TAIL.match(text)
    if not match:
        return None
    inside = match.group(2).strip()
    currency = "CNY" if inside in SCALES and inside.endswith("元") else currency_of(inside)
    if currency is None and inside not in _UNITS and inside not in SCALES:
        return None
    return match.group(1).strip(), currency


def scale_of(text: str, money: bool) -> float:
    """What the figures under a normalised header are to be multiplied by: 1e4 for (万元), 0.01 for (分)."""
    match = _TAIL.match(text)
    inside = match.group(2).strip() if match else ""
    return 0.01 if money and inside in _CENTS else SCALES.get(inside, 1.0)


def scale_in(text: str) -> tuple[str, float] | None:
    """The unit of money a line of text states, such as 单位：万元, and its factor."""
    match = _ABOVE.search(text)
    if match is None or _NO_MONEY.search(text):
        return None
    english = {"millions": 1e6}.get((match["en"] or "").casefold(), 1e3)
    return match[0].strip("(（ "), SCALES[match["zh"]] if match["zh"] else english


def is_derived(text: str) -> bool:
    """Whether a normalised header names a price or a ratio, which is never spend or a count."""
    return _DERIVED.search(text) is not None
