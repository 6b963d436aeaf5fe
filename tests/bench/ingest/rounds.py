"""The product and what it is compared with, in turns: a machine that is busy for a while with
something else is so for all of them."""

from tests.bench import servers

from . import load, rivals

# Each round in this order.
ROUNDS = ("product", "pgbench", "bare", "single")
ON_SQLITE = ("product", "bare")
WARM_UP_SECONDS = 3


class Rounds:
    def __init__(self, options, url, product, same, stack):
        """`same`: workers and threads of every server, `stack`: of what is closed at the end."""
        self.options, self.url, self.ours, self.same = options, url, product, same
        self.enter = stack.enter_context
        measures = {
            "product": self.product,
            "pgbench": self.pgbench,
            "bare": self.bare,
            "single": self.single,
        }
        names = ROUNDS if url else ON_SQLITE
        self.measures = {name: measures[name] for name in names if name in options.only}

    def run(self):
        """Name → the Measured of each round."""
        self.ours.drive("warming up", seconds=WARM_UP_SECONDS, connections=self.options.connections)
        self.prepare()
        found = {name: [] for name in self.measures}
        for _ in range(self.options.rounds):
            for name, measure in self.measures.items():
                found[name].append(measure())
        return found

    def prepare(self):
        if "pgbench" in self.measures:
            self.raw = rivals.prepare_raw(self.url)
        if "bare" in self.measures:
            target = "tests.bench.programs.bare:application"
            self.bare_port, self.bare_pid = self.enter(rivals.running(target, **self.same))
            self.any_requests = self.ours.lives.prepare(5_000)
        if "single" in self.measures:
            target = "tests.bench.programs.one_by_one:application"
            running = rivals.running(target, **self.same, database_url=self.url)
            self.single_port, self.single_pid = self.enter(running)
        if self.url:
            # Lest one begins in the middle; the next is due after fifteen minutes.
            servers.execute(self.url, "CHECKPOINT")

    def product(self, connections=None, rate=0):
        connections = connections or self.options.connections
        name = f"product, {connections} connections" + (f", {rate}/s" if rate else "")
        return self.ours.drive(
            name, seconds=self.options.seconds, connections=connections, rate=rate
        )

    def pgbench(self):
        found = rivals.insert_raw(self.url, self.raw, self.options.seconds)
        load.tell("pgbench" if rivals.pgbench() else "psycopg", found)
        return found

    def bare(self):
        """Nothing is stored, so that the same requests may come again."""
        found = load.drive(
            self.any_requests,
            self.bare_port,
            seconds=self.options.seconds,
            connections=self.options.connections,
            again=True,
            watch=load.Watch({"workers": [self.bare_pid]}),
        )
        load.tell("bare view", found)
        return found

    def single(self):
        return self.ours.drive(
            "a transaction per request",
            seconds=self.options.seconds,
            connections=self.options.connections,
            port=self.single_port,
            watch=load.Watch({"workers": [self.single_pid]}, self.url),
        )
