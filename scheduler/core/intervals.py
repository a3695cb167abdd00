"""How sure a mean is: intervals for skewed counts, and Student's quantiles behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from statistics import NormalDist, fmean, variance

CONFIDENCE = 0.95
RULE_OF_THREE = 3.0
"""Where no event is seen, up to 3 were to be expected (Hanley and Lippman-Hand, JAMA 249, 1983)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean of `count` values and the interval it is known to, which holds in 95 of 100 samples."""

    count: int
    mean: float
    low: float
    high: float

    def exceeds(self, other: "Estimate") -> bool:
        """True when the intervals do not even touch; False says nothing about which is larger."""
        return self.low > other.high


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of two or more values of 0 and above, with its quasi-Poisson interval on the log scale.

    Counts of responses are skewed and vary more than Poisson's: the variance is taken as proportional to the
    mean and measured from the values (McCullagh and Nelder, Generalized Linear Models, 1989, ch. 9), so that
    the interval is mean × exp(±t s / (mean √n)) with n - 1 degrees of freedom, and never below 0. Where all
    are 0 they are taken as counts, of which nothing in n is compatible with up to 3 / n each.
    """
    count, mean = len(values), fmean(values)
    if not mean:
        return Estimate(count=count, mean=0.0, low=0.0, high=RULE_OF_THREE / count)
    spread = sqrt(variance(values, mean) / count) / mean
    factor = exp(min(student_t((1 + CONFIDENCE) / 2, count - 1) * spread, 700.0))
    return Estimate(count=count, mean=mean, low=mean / factor, high=mean * factor)


def student_t(share: float, freedom: int) -> float:
    """The quantile of Student's distribution below which `share` lies; within 0.1 % from 7 degrees on.

    The normal quantile with four terms of correction (Abramowitz and Stegun, 1964, 26.7.5).
    """
    z = NormalDist().inv_cdf(share)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    corrections: list[float] = [term / freedom**power for power, term in enumerate(terms, start=1)]
    return z + sum(corrections)
