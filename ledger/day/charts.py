"""Charts as inline SVG: plain shapes and text, coloured by the page's style sheet, each bar and point with a tooltip of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ledger.day.figures import grouped

__all__ = ["Bar", "energy_chart", "price_chart"]

WIDTH, LEFT, RIGHT = 960, 56, 16
TOP, BOTTOM = 14, 26
ENERGY_HEIGHT, PRICE_HEIGHT = 320, 220
GAP = 2
"""Between two bars."""

DOT = Markup('<circle class="dot" cx="{}" cy="{}" r="3.2"><title>{}: {} đ/kWh</title></circle>')
GRID = Markup('<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>')
REFERENCE = Markup(
    '<line class="reference {}" x1="{}" x2="{}" y1="{y}" y2="{y}"/><text class="note" x="{}" y="{}" text-anchor="end">{}</text>'
)
LABEL = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
SVG = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')


@dataclass(frozen=True)
class Bar:
    """One market time unit, or one day of several.

    Attributes:
        label: under the axis; "" where none is wanted.
        title: what the tooltip says first.
        price: of the pool, đ/kWh; 0 where nothing was traded.
    """

    label: str
    title: str
    traded_wh: int
    to_utility_wh: int
    from_utility_wh: int
    price: int


@dataclass(frozen=True)
class _Scale:
    """Values from `low` to `high` over the height of a chart."""

    low: int
    high: int
    height: int

    def y(self, value: int) -> int:
        """Tenths of a point from the top: whole numbers make short, exact markup."""
        span = max(self.high - self.low, 1)
        return TOP * 10 + (self.high - value) * (self.height - TOP - BOTTOM) * 10 // span


def energy_chart(bars: Sequence[Bar]) -> Markup:
    """Above the axis what roofs delivered (to neighbours, to the utility), below it what homes took (from neighbours, from the utility)."""
    up = max((bar.traded_wh + bar.to_utility_wh for bar in bars), default=0)
    down = max((bar.traded_wh + bar.from_utility_wh for bar in bars), default=0)
    step = _step(up + down, 6)
    scale = _Scale(-_ceil(down, step), _ceil(up, step), ENERGY_HEIGHT)
    parts = [_grid(value, scale, _kwh(abs(value))) for value in range(scale.low, scale.high + 1, step)]
    for place, bar in enumerate(bars):
        x, width = _place(place, len(bars))
        parts.append(_stack(bar, scale, x, width))
    parts.append(_labels(bars, ENERGY_HEIGHT))
    parts.append(Markup('<line class="axis" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(LEFT, WIDTH - RIGHT, y=_tenth(scale.y(0))))
    return _svg(parts, ENERGY_HEIGHT, "Điện năng theo chu kỳ, kWh · Energy per unit, kWh")


def price_chart(bars: Sequence[Bar], published: int, retail: int) -> Markup:
    """The pool's price of each unit between the two prices of the utility; a gap where nothing was traded."""
    prices = [bar.price for bar in bars if bar.price]
    lowest, highest = min([published, *prices]), max([retail, *prices])
    step = _step(highest - lowest, 5)
    scale = _Scale(lowest // step * step, _ceil(highest, step), PRICE_HEIGHT)
    parts = [_grid(value, scale, grouped(value)) for value in range(scale.low, scale.high + 1, step)]
    for name, words, price in (("retail", "giá bán lẻ · retail", retail), ("published", "giá mua của điện lực · utility pays", published)):
        parts.append(_reference(name, f"{words} {grouped(price)}", scale.y(price)))
    parts.append(Markup('<path class="price" d="{}"/>').format(" ".join(_steps(bars, scale))))
    for place, bar in enumerate(bars):
        if bar.price:
            x, width = _place(place, len(bars))
            parts.append(DOT.format(_tenth(x + width // 2), _tenth(scale.y(bar.price)), bar.title, grouped(bar.price)))
    parts.append(_labels(bars, PRICE_HEIGHT))
    return _svg(parts, PRICE_HEIGHT, "Giá theo chu kỳ, đồng/kWh · Price per unit, đồng/kWh")


def _stack(bar: Bar, scale: _Scale, x: int, width: int) -> Markup:
    layers = (
        ("traded", 0, bar.traded_wh),
        ("to-utility", bar.traded_wh, bar.traded_wh + bar.to_utility_wh),
        ("traded", -bar.traded_wh, 0),
        ("from-utility", -bar.traded_wh - bar.from_utility_wh, -bar.traded_wh),
    )
    shapes = Markup("").join(
        Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
            name, _tenth(x), _tenth(scale.y(high)), _tenth(width), _tenth(scale.y(low) - scale.y(high))
        )
        for name, low, high in layers
        if high > low
    )
    words = f"{bar.title}: trong cộng đồng · traded {_kwh(bar.traded_wh)}, cho điện lực · to utility {_kwh(bar.to_utility_wh)}, "
    words += f"từ điện lực · from utility {_kwh(bar.from_utility_wh)} kWh"
    return Markup("<g><title>{}</title>{}</g>").format(words, shapes)


def _steps(bars: Sequence[Bar], scale: _Scale) -> Iterator[str]:
    """The price as a stair: a level a unit, joined only where the unit before it had a price too."""
    before = 0
    for place, bar in enumerate(bars):
        if bar.price:
            x, width = _place(place, len(bars))
            y = _tenth(scale.y(bar.price))
            yield f"{'L' if before else 'M'}{_tenth(x - GAP * 5)} {y} H{_tenth(x + width + GAP * 5)}"
        before = bar.price


def _place(place: int, count: int) -> tuple[int, int]:
    """Left edge and width of a bar, in tenths of a point."""
    room = (WIDTH - LEFT - RIGHT) * 10
    x = LEFT * 10 + place * room // count
    return x + GAP * 5, max(room // count - GAP * 10, 5)


def _grid(value: int, scale: _Scale, words: str) -> Markup:
    y = scale.y(value)
    return GRID.format(LEFT, WIDTH - RIGHT, LEFT - 8, _tenth(y + 40), words, y=_tenth(y))


def _reference(name: str, words: str, y: int) -> Markup:
    return REFERENCE.format(name, LEFT, WIDTH - RIGHT, WIDTH - RIGHT - 4, _tenth(y - 50), words, y=_tenth(y))


def _labels(bars: Sequence[Bar], height: int) -> Markup:
    texts = []
    for place, bar in enumerate(bars):
        if bar.label:
            x, width = _place(place, len(bars))
            texts.append(LABEL.format(_tenth(x + width // 2), height - 8, bar.label))
    return Markup("").join(texts)


def _svg(parts: Sequence[Markup], height: int, words: str) -> Markup:
    return SVG.format(WIDTH, height, words, Markup("").join(parts))


def _step(span: int, lines: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … that cuts a span into at most so many pieces."""
    sizes: Iterator[int] = (factor * int(f"1{'0' * power}") for power in range(20) for factor in (1, 2, 5))
    return next(size for size in sizes if size * lines >= span)


def _ceil(value: int, step: int) -> int:
    return -(-value // step) * step


def _kwh(wh: int) -> str:
    """Wh as kWh, with a decimal comma and no idle zeros."""
    whole, rest = divmod(wh, 1000)
    return f"{grouped(whole)},{rest:03}".rstrip("0") if rest else grouped(whole)


def _tenth(value: int) -> str:
    whole, tenth = divmod(value, 10)
    return f"{whole}.{tenth}" if tenth else f"{whole}"
