"""What stands between OpenWhisk's invoker and a package. For the image nothing does: it runs under podman with
the invoker's flags. Zips run in proxies of OpenWhisk's, which cannot be had here: these do what the proxies'
sources say that they do with the package, and leave out what concerns the package's text alone.

Each is asked as a container is: init() and run() give (status, JSON value), streams() what came on stdout and
stderr. `ends_logs`: the package itself writes the log's sentinels."""
import base64
import concurrent.futures
import io
import json
import os
import select
import subprocess
import tempfile
import zipfile

import drivers

SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"
API_HOST = "https://whisk.test"


class Image:
    """The image in podman."""

    ends_logs = True

    def __init__(self, image, variables, environment):
        self.variables, self.port = variables, drivers.free_port()
        more = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
        done = self.podman("run", "--detach", *drivers.OpenWhiskContainer.FLAGS, *more, "-e", f"PORT={self.port}",
                           image)
        assert done.returncode == 0, done.stderr
        self.container = done.stdout.strip()
        drivers.await_open(self.port, lambda: self.podman("logs", self.container))

    def podman(self, *arguments):
        return subprocess.run(["podman", *arguments], capture_output=True, timeout=drivers.PATIENCE_S, check=False,
                              env=self.variables, encoding="utf-8")

    def post(self, path, body):
        status, answer = drivers.request(self.port, "POST", path, json.dumps(body),
                                         {"Content-Type": "application/json"})
        return status, json.loads(answer)

    def init(self, **value):
        return self.post("/init", {"value": {"name": "action", "main": "main", "binary": False, "code": "", **value}})

    def init_raw(self, body):
        return self.post("/init", body)

    def run(self, value, **context):
        return self.post("/run", {"value": value, **context})

    def run_many(self, values):
        with concurrent.futures.ThreadPoolExecutor(len(values)) as threads:
            return list(threads.map(self.run, values))

    def streams(self):
        done = self.podman("logs", self.container)
        return done.stdout, done.stderr

    def close(self):
        self.podman("rm", "--force", "--time", "0", self.container)


class ProxyOfZip:
    """What the proxies of zips have in common: a directory, an environment, two streams."""

    ends_logs = False

    def __init__(self, package, environment):
        self.temporary = tempfile.TemporaryDirectory(prefix="wherry-action-")
        self.directory = os.path.join(self.temporary.name, "action")
        os.mkdir(self.directory)
        self.package, self.out, self.err = package, "", ""
        self.environment = drivers.environment(**{"__OW_API_HOST": API_HOST, **environment})

    def code(self):
        """As the command line sends it."""
        with open(self.package, "rb") as file:
            return base64.b64encode(file.read()).decode()

    def streams(self):
        return self.out, self.err

    def close(self):
        self.temporary.cleanup()


class Skeleton(ProxyOfZip):
    """dockerskeleton: a process for each activation (openwhisk-runtime-docker, actionproxy.py)."""

    def init(self, main="main", env=None):
        # Its stub is there before, executable; Python's zipfile writes over it and knows no modes.
        stub = os.path.join(self.directory, "exec")
        with open(stub, "wb"):
            os.chmod(stub, 0o755)
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(self.code()))) as archive:
            archive.extractall(self.directory)
        self.environment |= as_variables(env)
        return 200, {"ok": True}

    def run(self, value, **context):
        self.environment |= {"__OW_" + name.upper(): text for name, text in context.items()}
        text = json.dumps(value)
        command = [os.path.join(self.directory, "exec")] + ([text] if len(text) <= 131071 else [])
        done = subprocess.run(command, input=text.encode(), cwd=self.directory, env=self.environment,
                              capture_output=True, timeout=drivers.PATIENCE_S, check=False)
        out, self.err = done.stdout.decode(), self.err + done.stderr.decode()
        end = out.rfind("\n", 0, len(out) - 1) + 1
        self.out += out[:end]
        return as_result(out[end:].strip())


class KeptProcess(ProxyOfZip):
    """A process for all activations, whose answers come line by line on its descriptor 3."""

    def __init__(self, package, environment):
        super().__init__(package, environment)
        self.process = self.answers = None
        self.files = [open(os.path.join(self.temporary.name, name), "w+", encoding="utf-8") for name in ("out", "err")]

    def start(self, command, **more):
        read, write = os.pipe()
        self.process = subprocess.Popen(["bash", "-c", f'exec "$@" 3>&{write}', "bash", *command], pass_fds=[write],
                                        stdin=subprocess.PIPE, stdout=self.files[0], stderr=self.files[1], **more)
        os.close(write)
        self.answers = os.fdopen(read, "rb")

    def tell(self, value):
        self.process.stdin.write(json.dumps(value).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        """A line; empty if there is none in time."""
        ready, _, _ = select.select([self.answers], [], [], drivers.PATIENCE_S)
        return self.answers.readline() if ready else b""

    def streams(self):
        for file in self.files:
            file.seek(0)
        return tuple(file.read() for file in self.files)

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.answers.close()
            assert self.process.wait(drivers.PATIENCE_S) == 0
        for file in self.files:
            file.close()
        super().close()


class ActionLoop(KeptProcess):
    """openwhisk-runtime-go: one process (executor.go, initHandler.go, runHandler.go)."""

    def init(self, main="main", env=None):
        drivers.unpack(io.BytesIO(base64.b64decode(self.code())), self.directory)
        self.start(["./exec"], cwd=self.directory,
                   env={**self.environment, **as_variables(env), "__OW_WAIT_FOR_ACK": "1"})
        acknowledged = json.loads(self.answer() or b"{}")
        return (200, acknowledged) if acknowledged.get("ok") else (502, {"error": "Command exited abruptly"})

    def run(self, value, **context):
        line = self.tell({"value": value, **context})
        return as_result(line) if line else (400, {"error": "no answer from the action"})


class NodeRuntime(KeptProcess):
    """openwhisk-runtime-nodejs: the package is required, its main called (runner.js, service.js)."""

    SCRIPT = """
const fs = require("fs"), path = require("path"), readline = require("readline");
let main;
const work = {
  async init({ directory, name, env }) {
    Object.assign(process.env, env);
    if (!fs.existsSync(path.join(directory, "package.json")) && !fs.existsSync(path.join(directory, "index.js"))) {
      throw "Zipped actions must contain either package.json or index.js at the root.";
    }
    process.chdir(directory);
    main = require(directory)[name];
    if (typeof main !== "function") throw `Action entrypoint '${name}' is not a function.`;
    return [200, { OK: true }];
  },
  async run({ value, context }) {
    for (const [name, text] of Object.entries(context)) process.env["__OW_" + name.toUpperCase()] = text;
    let result;
    try {
      result = await main(value) ?? {};
    } catch (error) {
      result = { error: { name: error.name, message: error.message } };
    }
    if (typeof result === "object") return [200, result];
    return [502, { error: "The action did not return a dictionary or array." }];
  },
  many({ values }) {
    return Promise.all(values.map((value) => work.run({ value, context: {} })));
  },
};
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { what, ...details } = JSON.parse(line);
    const answer = await work[what](details).catch((error) =>
      [502, { error: "Initialization has failed due to: " + (error.stack ?? error) }]);
    fs.writeSync(3, JSON.stringify(answer) + "\\n");
  }
})();
"""

    def __init__(self, package, environment):
        super().__init__(package, environment)
        self.start(["node", "-e", self.SCRIPT], env=self.environment)

    def ask(self, what, **details):
        return tuple(json.loads(self.tell({"what": what, **details})))

    def init(self, main="main", env=None):
        drivers.unpack(io.BytesIO(base64.b64decode(self.code())), self.directory)
        return self.ask("init", directory=self.directory, name=main, env=as_variables(env))

    def run(self, value, **context):
        return self.ask("run", value=value, context=context)

    def run_many(self, values):
        return [tuple(answer) for answer in self.ask("many", values=values)]


def as_variables(values):
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in (values or {}).items()}


def as_result(line):
    """What both proxies of executables make of a result's line."""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    return (200, value) if isinstance(value, (dict, list)) else (502, {"error": drivers.NO_RESULT})
