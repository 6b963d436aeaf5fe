"""The product and what it is compared with, in turns: a machine that is busy for a while with
something else is so for all of them."""

from functools import partial

from tests.bench import servers

from . import load, rivals, statements

# Each round in this order.
ROUNDS = ("product", "pgbench", "bare", "startproject", "single", "ordinary")
ON_SQLITE = ("product", "bare", "startproject")
# Name → the program that is served: of those that store nothing, and of those that store.
READING = {"bare": "bare", "startproject": "startproject"}
STORING = {"single": "one_by_one", "ordinary": "ordinary"}
WARM_UP = 3  # seconds of each that stores: imports, connections


class Rounds:
    def __init__(self, options, url, product, same, stack):
        """`same`: workers and threads of every server, `stack`: of what is closed at the end."""
        self.options, self.url, self.ours, self.same = options, url, product, same
        self.load = {"seconds": options.seconds, "connections": options.connections}
        self.wrk = options.generator == "wrk"
        self.enter = stack.enter_context
        self.served = {}  # name → (port, process id)
        measures = {"product": self.product, "pgbench": self.pgbench}
        measures |= {name: partial(self.reading, name) for name in READING}
        measures |= {name: partial(self.storing, name) for name in STORING}
        names = ROUNDS if url else ON_SQLITE
        self.measures = {name: measures[name] for name in names if name in options.only}

    def run(self):
        """Name → the Measured of each round."""
        self.warm_up()
        self.prepare()
        for _ in range(self.options.warm_up):
            self.warm_up()
        found = {name: [] for name in self.measures}
        for _ in range(self.options.rounds):
            for name, measure in self.measures.items():
                found[name].append(measure())
                load.tell(name, found[name][-1])
        return found

    def warm_up(self):
        load.tell("warming up", self.ours.drive("product", **self.load | {"seconds": 5}))

    def prepare(self):
        if "pgbench" in self.measures:
            self.raw = rivals.prepare_raw(self.url)
        self.any_requests = self.ours.lives.prepare(5_000)
        for name in self.measures:
            if name in READING:
                self.serve(name, READING[name])
            elif name in STORING:
                self.serve(name, STORING[name], database_url=self.url)
                found = self.storing(name, WARM_UP)
                load.tell(f"warming up {name}", found)
                if not found.count:
                    raise RuntimeError(f"{name} stores nothing")
        if self.url:
            # From one to the next PostgreSQL writes whole pages; they begin at the same time for
            # all, and the next one is due after fifteen minutes.
            servers.execute(self.url, "CHECKPOINT")

    def serve(self, name, program, **more):
        target = f"tests.bench.programs.{program}:application"
        self.served[name] = self.enter(rivals.running(target, **self.same, **more))

    def product(self):
        counted = self.options.statements and self.url
        if counted:
            statements.begin(self.url)
        found = complete(self.ours.drive("product", **self.load, wrk=self.wrk), self.wrk)
        if counted:
            servers.say(statements.told(self.url, found.count))
        return found

    def pgbench(self):
        return rivals.insert_raw(self.url, self.raw, self.options.seconds)

    def reading(self, name):
        """Nothing is stored, so that the same requests may come again."""
        port, pid = self.served[name]
        watch = load.Watch({"workers": [pid]})
        to = {"again": True, "watch": watch, "wrk": self.wrk}
        return load.drive(self.any_requests, port, **self.load, **to)

    def storing(self, name, seconds=None):
        port, pid = self.served[name]
        watch = load.Watch({"workers": [pid]}, self.url)
        to = {"port": port, "watch": watch, "wrk": self.wrk}
        told = self.load | ({"seconds": seconds} if seconds else {})
        return self.ours.drive(name, **told, **to)

    def latency(self, connections, rate=0):
        """The product's, with another load; every row counted."""
        name = f"{connections} connections" + (f", {rate}/s" if rate else "")
        seconds = self.options.seconds * (2 if rate else 1)  # a low rate has few to go by
        found = self.ours.drive(name, seconds=seconds, connections=connections, rate=rate)
        load.tell(name, found)
        return complete(found)


def complete(found, wrk=False):
    """What was found of the product. Raises RuntimeError where something was lost. The bundled
    generator waits for each answer: as many rows as acknowledgements, and no more but for what had
    no answer. wrk does not wait for the last ones, of which some are stored."""
    late = found.rows - found.count
    if late < 0 or (not wrk and late > found.trouble.get("none", 0)):
        raise RuntimeError(f"{found.count:,} acknowledged, but {found.rows:,} rows")
    return found
