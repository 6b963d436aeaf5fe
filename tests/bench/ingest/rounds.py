"""The product and what it is compared with, in turns: a machine that is busy for a while with
something else is so for all of them."""

from tests.bench import servers

from . import load, rivals, statements

# Each round in this order.
ROUNDS = ("product", "pgbench", "bare", "single")
ON_SQLITE = ("product", "bare")


class Rounds:
    def __init__(self, options, url, product, same, stack):
        """`same`: workers and threads of every server, `stack`: of what is closed at the end."""
        self.options, self.url, self.ours, self.same = options, url, product, same
        self.load = {"seconds": options.seconds, "connections": options.connections}
        self.wrk = options.generator == "wrk"
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
        if "bare" in self.measures:
            target = "tests.bench.programs.bare:application"
            self.bare_port, self.bare_pid = self.enter(rivals.running(target, **self.same))
            self.any_requests = self.ours.lives.prepare(5_000)
        if "single" in self.measures:
            target = "tests.bench.programs.one_by_one:application"
            running = rivals.running(target, **self.same, database_url=self.url)
            self.single_port, self.single_pid = self.enter(running)
        if self.url:
            # From one to the next PostgreSQL writes whole pages; they begin at the same time for
            # all, and the next one is due after fifteen minutes.
            servers.execute(self.url, "CHECKPOINT")

    def product(self):
        if not (self.options.statements and self.url):
            return self.ours.drive("product", **self.load, wrk=self.wrk)
        statements.begin(self.url)
        found = self.ours.drive("product", **self.load, wrk=self.wrk)
        servers.say(statements.told(self.url, found.count))
        return found

    def pgbench(self):
        return rivals.insert_raw(self.url, self.raw, self.options.seconds)

    def bare(self):
        """Nothing is stored, so that the same requests may come again."""
        watch = load.Watch({"workers": [self.bare_pid]})
        to = (self.any_requests, self.bare_port)
        return load.drive(*to, **self.load, again=True, watch=watch, wrk=self.wrk)

    def single(self):
        watch = load.Watch({"workers": [self.single_pid]}, self.url)
        to = {"port": self.single_port, "watch": watch, "wrk": self.wrk}
        return self.ours.drive("single", **self.load, **to)

    def latency(self, connections, rate=0):
        """The product's, with another load; every row counted."""
        name = f"{connections} connections" + (f", {rate}/s" if rate else "")
        seconds = self.options.seconds * (2 if rate else 1)  # a low rate has few to go by
        found = self.ours.drive(name, seconds=seconds, connections=connections, rate=rate)
        load.tell(name, found)
        return found
