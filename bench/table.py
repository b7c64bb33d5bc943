"""What kernels.py prints: a row a kernel with CPU times relative to native, and their geometric means."""
import math
import statistics

STARTING = "empty"  # The kernel that does nothing: its row has milliseconds, and no part in the means.


def best(measured):
    return min(measured["seconds"])


def good(measured):
    """Whether it ran, with the right output."""
    return measured is not None and not measured["problem"] and bool(measured["seconds"])


def ratio(result, engine, statistic):
    """Relative to native, by min or median; None unless both ran well."""
    native, other = result["engines"].get("native"), result["engines"].get(engine)
    if result["kernel"] == STARTING or not (good(native) and good(other)):
        return None
    return statistic(other["seconds"]) / statistic(native["seconds"])


def header(engines):
    others = "".join(f"{name:>10}" for name in engines if name != "native")
    return f"{'kernel':<22}{'native':>10}{others}"


def cell(result, engine):
    measured = result["engines"].get(engine)
    if measured is None:
        return "-"
    if measured["problem"]:
        return measured["problem"]["word"]
    if not measured["seconds"]:
        return "-"
    if result["kernel"] == STARTING:
        return f"{best(measured) * 1000:.1f} ms"
    if engine == "native":
        return f"{best(measured):.3f} s"
    value = ratio(result, engine, min)
    return "-" if value is None else f"{value:.2f}"


def row(result, engines):
    return f"{result['kernel']:<22}" + "".join(f"{cell(result, name):>10}" for name in engines)


def geomean(results, engine, statistic):
    """(geometric mean of the ratios, how many there are)."""
    ratios = [value for value in (ratio(result, engine, statistic) for result in results) if value]
    if not ratios:
        return None, 0
    return math.exp(statistics.fmean(math.log(value) for value in ratios)), len(ratios)


def footer(results, engines):
    """The rows of the means, then a line for each thing to know."""
    lines = []
    for name, statistic in ("minima", min), ("medians", statistics.median):
        cells = f"{'geomean of ' + name:<22}{'':>10}"
        for engine in engines:
            if engine != "native":
                value, _ = geomean(results, engine, statistic)
                cells += f"{'-' if value is None else f'{value:.3f}':>10}"
        lines.append(cells)
    kernels = sum(result["kernel"] != STARTING for result in results)
    for engine in engines:
        _, count = geomean(results, engine, min)
        if engine != "native" and count < kernels:
            lines.append(f"{engine}: its mean is of {count} of {kernels} kernels")
    for result in results:
        for engine in engines:
            problem = (result["engines"].get(engine) or {}).get("problem")
            if problem:
                lines.append(f"{result['kernel']}, {engine}: {problem['text']}")
    return lines


def summary(results, engines):
    """The same for JSON."""
    return {engine: {name: geomean(results, engine, statistic)[0]
                     for name, statistic in (("minima", min), ("medians", statistics.median))}
            for engine in engines if engine != "native"}
