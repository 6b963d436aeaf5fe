"""What was measured, as text: a row a line as it goes, groups with their worst line at the end."""

TIMES_DEARER = 2  # than with the fewest calls, at most,
ENOUGH = 50  # ms; what takes no longer may be dearer


def ratio(of_sizes, sizes):
    """With the most calls to with the fewest; None where the line lacks one of them."""
    least, most = min(sizes), max(sizes)
    if least == most or least not in of_sizes:
        return None
    return of_sizes[most].median / of_sizes[least].median


def is_flat(of_sizes, sizes):
    """Does it cost with the most calls what it cost with the fewest, or too little to matter?"""
    if of_sizes[max(of_sizes)].median <= ENOUGH:
        return True
    dearer = ratio(of_sizes, sizes)
    return dearer is not None and dearer <= TIMES_DEARER


def head(sizes):
    columns = " ".join(f"{told(size) + ' p95':>11}" for size in sizes)
    return f"{'median and p95, ms':62} {columns} python queries ratio"


def row(line, of_sizes, sizes):
    """One line: median/p95 at each size; of the most calls Python's part and the queries."""
    most = of_sizes[max(of_sizes)]
    own = sorted(most.own)[len(most.own) // 2]
    figures = [
        f"{of_sizes[size].median:5.0f}/{of_sizes[size].p95:<5.0f}" if size in of_sizes else "–"
        for size in sizes
    ]
    name = f"{line[0]}, {line[1]}"
    columns = " ".join(f"{figure:>11}" for figure in figures)
    dearer = f"{ratio(of_sizes, sizes):5.1f}" if ratio(of_sizes, sizes) else "     "
    mark = "" if is_flat(of_sizes, sizes) else "  <<<"
    return f"{name:62} {columns} {own:6.0f} {most.queries:7} {dearer}{mark}"


def markdown(found, sizes, times, machine):
    flat = sum(is_flat(of_sizes, sizes) for of_sizes in found.values())
    slow = sum(bool(of_sizes[max(of_sizes)].slow) for of_sizes in found.values())
    most, least = told(max(sizes)), told(min(sizes))
    columns = " | ".join(told(size) for size in sizes)
    rows = [
        "**Reading, as calls grow in number: PostgreSQL**",
        "",
        f"{flat} of {len(found)} lines take with {most} calls at most {TIMES_DEARER} times what"
        f" they take with {least}, or at most {ENOUGH} ms."
        f" A line is one list, filter, search or page. Of each group the line that is dearest"
        f" with {most} calls: median (95th percentile) in ms, and its ratio to {least}.",
        "",
        f"| what | within | dearest line | {columns} | ratio |",
        f"| --- | --- | --- |{' --: |' * (len(sizes) + 1)}",
    ]
    for group in dict.fromkeys(group for group, _ in found):
        theirs = {name: of_sizes for (of, name), of_sizes in found.items() if of == group}
        rows.append(_of_group(group, theirs, sizes))
    rows += [
        "",
        f"With {most} calls {_plural(slow, 'line').lower()} had a query of more than 50 ms, or one"
        " that read the whole table of calls, legs, conferences, participants or recordings."
        f" Each line was asked {_plural(times, 'time')} with different values (of few the 95th"
        " percentile is the slowest), after each had been asked for"
        " once, in one process without other load; the sizes took turns. Calls are conversations"
        " of a year, with their legs, recordings and conferences."
        f" {machine}",
    ]
    return "\n".join(rows)


def _of_group(group, theirs, sizes):
    # A line beyond the bound before any within it, then the dearest.
    worst = max(theirs, key=lambda name: (not is_flat(theirs[name], sizes), _cost(theirs[name])))
    of_sizes = theirs[worst]
    figures = [
        f"{of_sizes[size].median:.0f} ({of_sizes[size].p95:.0f})" if size in of_sizes else "–"
        for size in sizes
    ]
    dearer = f"{ratio(of_sizes, sizes):.1f}" if ratio(of_sizes, sizes) else "–"
    within = f"{sum(is_flat(one, sizes) for one in theirs.values())} of {len(theirs)}"
    return f"| {group} | {within} | {worst} | {' | '.join(figures)} | {dearer} |"


def _cost(of_sizes):
    return of_sizes[max(of_sizes)].median


def _plural(count, noun):
    return f"{count} {noun}" if count == 1 else f"{count or 'No'} {noun}s"


def told(size):
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size:,}"
