r"""Where a daily series left its level: for some days, or from a day on.

The daily values are put on the log scale and freed of their weekday pattern. Against a mean
with AR(1) noise, every window of ``LENGTHS`` days and every step that lasts to the end is
fitted by generalised least squares: with ``u`` the whitened series (``r[t] - phi * r[t-1]``, a day
after a gap weighted by ``sqrt(1 - phi**2)``), ``x`` the whitened window and ``c`` the whitened
constant,

    delta = (x.u - (x.c)(u.c) / c.c) / (x.x - (x.c)**2 / c.c),

and t = delta / its standard error. The windows are compared with a scale of ``u`` from its median
absolute deviation (a jump must not hide itself); the largest is judged by what is left of ``u``
beside it, clipped at ``CLIP`` deviations. ``phi`` is 1 minus half the ratio of the variances of
one-day steps and of all values around their running median, shrunk towards the middle series and
raised by ``MARGIN``. The largest |t| is a jump when its p-value (Student's t on ``days * FREEDOM``
degrees of freedom) times the number of windows is below ``alpha``; it is taken out and the series
searched again. One wild day is no change of level: windows of three and more days read values
clipped at ``CLIP`` deviations, and a window of one or two days is judged by a t distribution
as heavy in its tails as the days of all series together.

Source: Box & Tiao (1975), JASA 70 (intervention in autocorrelated series); Chen & Liu (1993),
JASA 88 (repeated search for outliers and level shifts); Bonferroni over the windows. Measured
error rate and power: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from channelopt.measure.grid import Array

#: Days of a jump that ends again.
LENGTHS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 42)
#: Days on both sides of a step that lasts to the end; days a series must have.
SIDE, LEAST_DAYS = 7, 28
#: Added to the autocorrelation; largest one believed.
MARGIN, LARGEST = 0.09, 0.85
#: A clipped standard deviation knows as much as this part of the days.
FREEDOM = 0.8
#: Deviations beyond which a day counts no further; windows too short to be read clipped.
CLIP, SHORT = 3.5, 2
#: 98th over 50th percentile of |t|, by degrees of freedom, heaviest tail first.
TAILS = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0, 60.0)
#: Jumps of one series at most.
MOST = 4
TO_STD = 1.4826


@dataclass(frozen=True)
class Jump:
    """One departure from the level.

    Attributes:
        series: row of the array searched.
        start: index of its first day.
        stop: index after its last day.
        lasting: True when it lasts to the end.
        t: its t statistic; positive for up.
        pvalue: two-sided, times the windows searched.
    """

    series: int
    start: int
    stop: int
    lasting: bool
    t: float
    pvalue: float


def scan(logs: Array, alpha: float) -> list[Jump]:
    """Search many series at once.

    Args:
        logs: (series, calendar days), logs of daily values, NaN unknown.
        alpha: chance of finding anything in one series that never left its level.

    Returns:
        Jumps by series and start.
    """
    if logs.size == 0 or logs.shape[1] < LEAST_DAYS:
        return []
    rest = without_weekdays(logs)
    usable = np.isfinite(rest).sum(axis=1) >= LEAST_DAYS
    own = autocorrelations(rest)
    middle = float(np.median(own[usable])) if usable.any() else 0.0
    phi = _shrunk(np.fmin(own, middle), middle, usable)
    tail = tail_of(rest[usable], phi[usable])
    found: list[Jump] = []
    at = np.flatnonzero(usable)
    for _ in range(MOST):
        if not len(at):
            break
        jumps, deltas = _largest(rest[at], phi[at], alpha, tail)
        at, jumps, deltas = _confirmed(rest, at, jumps, deltas, (middle, usable, alpha, tail))
        still = []
        for row, jump, delta in zip(at, jumps, deltas, strict=True):
            if jump is None:
                continue
            found.append(Jump(int(row), *jump))
            rest[row, jump[0] : jump[1]] -= delta
            still.append(row)
        at = np.asarray(still, dtype="int64")
    return sorted(found, key=lambda j: (j.series, j.start))


def without_weekdays(logs: Array) -> Array:
    """The series less its median, and less each weekday's median distance from the week around it."""
    rest = logs - _median(logs)[:, None]
    level = running_median(rest, 7)
    away = rest - level
    for weekday in range(7):
        part = away[:, weekday::7]
        enough = np.isfinite(part).sum(axis=1) >= 4
        rest[:, weekday::7] -= np.where(enough, _median(part), 0.0)[:, None]
    return rest - _median(rest)[:, None]


def _median(values: Array) -> Array:
    """Median per series of what is known; 0 without any."""
    ranked = np.sort(values, axis=1)  # unknown ones last
    n = np.isfinite(values).sum(axis=1)
    rows, last = np.arange(len(values)), values.shape[1] - 1
    low, high = np.maximum(n - 1, 0) // 2, np.minimum(n // 2, last)
    return np.where(n > 0, (ranked[rows, low] + ranked[rows, high]) / 2, 0.0)


def running_median(values: Array, days: int) -> Array:
    """Median of the ``days`` around each day, missing ones left out; the ends use what there is."""
    side = days // 2
    padded = np.pad(values, ((0, 0), (side, side)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * side + 1, axis=1)
    ranked = np.sort(windows, axis=2)  # unknown ones last
    n = np.isfinite(windows).sum(axis=2)
    low, high = np.maximum(n - 1, 0) // 2, np.minimum(n // 2, 2 * side)
    pair = [np.take_along_axis(ranked, k[:, :, None], axis=2)[:, :, 0] for k in (low, high)]
    return np.where(n > 0, (pair[0] + pair[1]) / 2, np.nan)


def autocorrelations(rest: Array) -> Array:
    """Lag-1 autocorrelation per series, robust to single days and to changes of level."""
    away = rest - running_median(rest, 29)
    spread = TO_STD * _median(np.abs(away))
    clipped = np.clip(away, -3 * spread[:, None], 3 * spread[:, None])
    known = np.isfinite(clipped)
    both = known[:, 1:] & known[:, :-1]
    n, pairs = known.sum(axis=1), both.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(both, np.diff(np.where(known, clipped, 0.0), axis=1) ** 2, 0.0).sum(axis=1) / pairs
        whole = np.nansum(clipped**2, axis=1) / n
        own = 1 - steps / (2 * whole) + 4 / n
    return np.where(np.isfinite(own), own, 0.0)


def _shrunk(own: Array, middle: float, usable: np.ndarray) -> Array:
    """Halfway to the middle series where there are several, never below it, raised by the margin."""
    weight = 0.5 if usable.sum() >= 3 else 1.0
    return np.clip(np.fmax(weight * own + (1 - weight) * middle, middle) + MARGIN, 0.0, LARGEST)


Window = tuple[int, int, bool, float, float]


def _confirmed(
    rest: Array,
    at: np.ndarray,
    jumps: list[Window | None],
    deltas: Array,
    setting: tuple[float, np.ndarray, float, float],
) -> tuple[np.ndarray, list[Window | None], Array]:
    """Judge the candidates again, with the autocorrelation their series has without them."""
    middle, usable, alpha, tail = setting
    kept = [k for k, jump in enumerate(jumps) if jump is not None]
    at = at[kept]
    if not kept:
        return at, [], deltas[kept]
    cleaned = rest[at].copy()
    for row, k in enumerate(kept):
        start, stop = jumps[k][:2]  # type: ignore[index]
        cleaned[row, start:stop] -= deltas[k]
    phi = _shrunk(autocorrelations(cleaned), middle, usable)
    again, moved = _largest(rest[at], phi, alpha, tail)
    for row, jump in enumerate(again):
        if jump is not None:
            again[row], moved[row] = _trimmed(rest[at[row : row + 1]], phi[row : row + 1], jump)
    return at, again, moved


def _largest(rest: Array, phi: Array, alpha: float, tail: float) -> tuple[list[Window | None], Array]:
    """The clearest window of each series, or None; and how far it lies off the level."""
    rows, n = np.arange(len(rest)), rest.shape[1]
    lengths = [k for k in LENGTHS if k <= n - LEAST_DAYS // 2]
    classes = ([k for k in lengths if k <= SHORT], [*[k for k in lengths if k > SHORT], 0])
    known = np.isfinite(rest).sum(axis=1)
    best = {name: np.zeros(len(rest)) for name in ("p", "t", "delta", "start", "days")}
    best["p"] += 1.0
    searched = np.zeros(len(rest))
    for short, windows in zip((True, False), classes, strict=True):
        sums = _Whitened.of(rest, phi, clip=not short)
        top = {name: np.zeros(len(rest)) for name in ("t", "delta", "start", "days")}
        for days in windows:
            delta, t, usable = sums.fit(days)
            searched += usable.sum(axis=1)
            t = np.where(usable, t, 0.0)
            at = np.abs(t).argmax(axis=1)
            better = np.abs(t[rows, at]) > np.abs(top["t"])
            for name, value in (
                ("t", t[rows, at]),
                ("delta", delta[rows, at]),
                ("start", at),
                ("days", days),
            ):
                top[name] = np.where(better, value, top[name])
        beside = sums.beside(top["start"], top["days"], top["delta"])
        top["t"] *= np.divide(sums.scale, beside, out=np.zeros_like(beside), where=beside > 0)
        freedom = np.maximum(known * FREEDOM, 3.0)
        p = 2 * stats.t.sf(np.abs(top["t"]), np.minimum(freedom, tail) if short else freedom)
        better = np.nan_to_num(p, nan=1.0) < best["p"]
        for name, value in (("p", p), *top.items()):
            best[name] = np.where(better, value, best[name])
    found: list[Window | None] = []
    for row in rows:
        chance, size = float(best["p"][row] * searched[row]), float(best["t"][row])
        start, days = int(best["start"][row]), int(best["days"][row])
        window = (start, start + days if days else n, days == 0, size, chance)
        found.append(window if chance < alpha and size != 0 else None)
    return found, best["delta"]


def _trimmed(rest: Array, phi: Array, jump: Window) -> tuple[Window, float]:
    """A window with its edges moved by up to a week to where it fits best, and its delta."""
    start, stop, lasting, size, chance = jump
    sums = _Whitened.of(rest, phi, clip=stop - start > SHORT)
    if lasting or stop - start <= SHORT:
        lengths = [0 if lasting else stop - start]
    else:
        lengths = list(range(max(SHORT + 1, stop - start - SIDE), stop - start + SIDE + 1))
    best = (0.0, 0.0, start, stop)
    for days in lengths:
        if days >= rest.shape[1]:
            continue
        delta, t, usable = (values[0] for values in sums.fit(days))
        first = max(0, start - SIDE)
        near = np.where(usable, np.abs(t), 0.0)[first : start + SIDE + 1]
        at = first + int(near.argmax())
        if abs(t[at]) > abs(best[0]) and usable[at]:
            best = (float(t[at]), float(delta[at]), at, at + days if days else stop)
    return (best[2], best[3], lasting, size, chance), best[1]


def tail_of(rest: Array, phi: Array) -> float:
    """Degrees of freedom of the t distribution whose tails are as heavy as those of all days together."""
    sums = _Whitened.of(rest - running_median(rest, 29), phi)
    scaled = np.abs(sums.u) / np.where(sums.scale > 0, sums.scale, np.nan)[:, None]
    sizes = scaled[np.isfinite(rest) & np.isfinite(scaled)]
    middle, far = np.quantile(sizes, [0.5, 0.98]) if len(sizes) else (1.0, 0.0)
    ratios = [stats.t.ppf(0.99, df) / stats.t.ppf(0.75, df) for df in TAILS]  # falls with df
    return float(np.interp(-far / middle, [-r for r in ratios], TAILS)) if middle > 0 else TAILS[0]


@dataclass(frozen=True)
class _Whitened:
    """Whitened series and the coefficients of a window's first, inner and next day."""

    u: Array
    enter: Array
    inner: Array
    leave: Array
    scale: Array
    known: npt.NDArray[np.int64]
    total: tuple[Array, Array]
    running: tuple[Array, Array]
    padded: tuple[Array, Array, Array]

    @classmethod
    def of(cls, rest: Array, phi: Array, *, clip: bool = False) -> _Whitened:
        known = np.isfinite(rest)
        before = np.zeros_like(known)
        before[:, 1:] = known[:, :-1]
        r = np.where(known, rest, 0.0)
        previous = np.zeros_like(r)
        previous[:, 1:] = r[:, :-1]
        p = phi[:, None]
        first = np.sqrt(1 - p**2)
        follows, starts = known & before, known & ~before
        u = np.where(follows, r - p * previous, np.where(starts, first * r, 0.0))
        enter = np.where(follows, 1.0, np.where(starts, first, 0.0))
        inner = np.where(follows, 1 - p, np.where(starts, first, 0.0))
        leave = np.where(follows, -p, 0.0)
        scale = TO_STD * _median(
            np.where(known, np.abs(u - _median(np.where(known, u, np.nan))[:, None]), np.nan)
        )
        if clip:
            u = np.clip(u, -CLIP * scale[:, None], CLIP * scale[:, None])
        count = np.concatenate([np.zeros((len(r), 1), "int64"), known.cumsum(axis=1)], axis=1)
        total = ((inner * u).sum(axis=1), (inner**2).sum(axis=1))
        uu, uc = inner * u, inner**2
        running = tuple(np.cumsum(np.pad(x, ((0, 0), (1, 0))), axis=1) for x in (uu, uc))
        padded = tuple(np.pad(x, ((0, 0), (0, 1))) for x in (u, inner, leave))
        return cls(u, enter, inner, leave, scale, count, total, running, padded)  # type: ignore[arg-type]

    def beside(self, start: Array, days: Array, delta: Array) -> Array:
        """The scale of what a window leaves unexplained, clipped at ``CLIP`` deviations.

        Args:
            start: (series,), first day of the window of each.
            days: (series,), its length; 0 to the end.
            delta: (series,), how far it lies off the level.
        """
        n = self.u.shape[1]
        day, first = np.arange(n), start[:, None]
        stop = np.where(days > 0, start + days, n)[:, None]
        x = np.where(day == first, self.enter, np.where((day > first) & (day < stop), self.inner, 0.0))
        x = np.where(day == stop, self.leave, x)
        weight = self.inner > 0
        left = np.where(weight, self.u - delta[:, None] * x, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = (self.inner * left).sum(axis=1) / (self.inner**2).sum(axis=1)
            left = np.where(weight, left - mean[:, None] * self.inner, 0.0)
            reach = CLIP * TO_STD * _median(np.where(weight, np.abs(left), np.nan))[:, None]
            square = (np.clip(left, -reach, reach) ** 2).sum(axis=1) / np.maximum(weight.sum(axis=1) - 3, 1)
        return np.asarray(np.sqrt(square))

    def fit(self, days: int) -> tuple[Array, Array, np.ndarray]:
        """Delta and t of every window of ``days`` (0: to the end), by first day; and which may be used."""
        n = self.u.shape[1]
        starts = np.arange(SIDE, n - SIDE + 1) if days == 0 else np.arange(0, n - days + 1)
        stops = np.full(len(starts), n) if days == 0 else starts + days
        iu, ii = self.running
        u_next, inner_next, leave = (x[:, stops] for x in self.padded)
        enter, u, inner = self.enter[:, starts], self.u[:, starts], self.inner[:, starts]
        later = starts + 1
        num = enter * u + iu[:, stops] - iu[:, later] + leave * u_next
        middle = ii[:, stops] - ii[:, later]
        xx, xc = enter**2 + middle + leave**2, enter * inner + middle + leave * inner_next
        uc, cc = self.total[0][:, None], self.total[1][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            left = xx - xc**2 / cc
            delta = (num - xc * uc / cc) / left
            t = delta * np.sqrt(left) / self.scale[:, None]
        inside = self.known[:, stops] - self.known[:, starts]
        usable = (inside >= (stops - starts) * 0.6) & (left > 1e-9) & np.isfinite(t)
        usable &= self.known[:, -1:] - inside >= LEAST_DAYS // 2
        shape = (self.u.shape[0], n)
        out = [np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)]
        for target, values in zip(out, (delta, t, usable), strict=True):
            target[:, starts] = values
        return out[0], out[1], out[2]
