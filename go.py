#!/usr/bin/env python3
"""The first command in a fresh clone; needs nothing but Python.

    python3 go.py demo                     the dashboard of a made-up practice, with an owner's phone beside it
    python3 go.py demo --headless          one day of a practice, played in the terminal
    python3 go.py test                     everything that must hold: style, types, manual, builds, tests, coverage
    python3 go.py test ARGUMENTS           only pytest, with these arguments
    python3 go.py run ARGUMENTS            the `convokit` command

All that is installed goes into the folder .venv beside this file; delete it to start anew.
"""

# This file must be readable by any Python 3, so that an old one can say what is missing. Keep its syntax plain.
import glob
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
OLDEST = (3, 11)
THIS = f"{sys.version_info[0]}.{sys.version_info[1]}"
# Outside of any virtual environment, or .venv could not be made anew while it is active.
PYTHON = getattr(sys, "_base_executable", None) or sys.executable
SUITABLE = ["python3.13", "python3.12", "python3.11", "python3.14"]
LISTED = ["py311", "py312", "py313"]
CLOSING_LINE = re.compile(r"^=+ .*\b(passed|failed|errors?|skipped|deselected|no tests ran)\b.* in [0-9.]+s.* =+$")
IN_MEMORY = "/dev/shm"  # noqa: S108 - what is made in it is ours alone
ROOM = 6 * 1024**3
FAILED_LINE = re.compile(r"^(FAILED|ERROR) \S+::")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def say(line):
    """Tell what happens now, beside the output proper."""
    sys.stderr.write("go.py: " + line + "\n")
    sys.stderr.flush()


def version_of(python):
    """(major, minor) of an interpreter, or None if it does not run (a pyenv shim may not)."""
    command = [python, "-c", "import sys; print(sys.version_info[0], sys.version_info[1])"]
    try:
        out = subprocess.check_output(command, stderr=subprocess.DEVNULL)
        major, minor = out.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def use_a_suitable_python():
    """Go on with a newer interpreter from the PATH if this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in SUITABLE:
        python = shutil.which(name)
        if python and (version_of(python) or (0, 0)) >= OLDEST:
            say(f"Python {THIS} is too old; going on with {python}")
            become([python, os.path.abspath(__file__), *sys.argv[1:]])
    sys.exit(f"convokit needs Python 3.11 or newer; this is Python {THIS}.")


def become(command, environment=None):
    """Turn into another program (on Windows: run it and leave with its code)."""
    sys.stderr.flush()
    sys.stdout.flush()
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=environment or os.environ))
    os.execve(command[0], command, environment or os.environ)


def inside(program):
    """The path of a program in .venv."""
    if os.name == "nt":
        return os.path.join(VENV, "Scripts", program + ".exe")
    return os.path.join(VENV, "bin", program)


def clean_environment():
    """The environment without what could send an installation anywhere but into .venv."""
    hindering = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
    environment = {name: value for name, value in os.environ.items() if name not in hindering}
    environment["VIRTUAL_ENV"] = VENV
    environment["PATH"] = os.path.dirname(inside("python")) + os.pathsep + os.environ.get("PATH", os.defpath)
    return environment


def must(command, what):
    """Run a command quietly; show its output and stop if it fails."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out = process.communicate()[0]
    if process.returncode:
        sys.stderr.write(out.decode("utf-8", "replace"))
        sys.exit(f"go.py: {what} failed; the next run takes it up again.")


def own_pip():
    """Whether this Python has a pip that can install into another environment (22.3 was the first)."""
    command = [PYTHON, "-m", "pip", "--version"]
    try:
        told = subprocess.check_output(command, stderr=subprocess.DEVNULL, env=clean_environment())
        return tuple(map(int, told.split()[1].split(b".")[:2])) >= (22, 3)
    except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
        return False


def venv_command():
    """How a virtual environment can be made here."""
    if importlib.util.find_spec("venv") and own_pip():
        return [PYTHON, "-m", "venv", "--without-pip", "--clear", VENV]  # a second pip would take five seconds
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        return [PYTHON, "-m", "venv", "--clear", VENV]
    uv = shutil.which("uv")
    if uv:
        return [uv, "venv", "--quiet", "--seed", "--clear", "--python", PYTHON, VENV]
    virtualenv = shutil.which("virtualenv")
    if virtualenv:
        return [virtualenv, "--quiet", "--clear", "--python", PYTHON, VENV]
    if importlib.util.find_spec("virtualenv"):
        return [PYTHON, "-m", "virtualenv", "--quiet", "--clear", VENV]
    sys.exit(
        "convokit needs a virtual environment and this Python cannot make one: install its package "
        f"(Debian and Ubuntu: apt-get install python{THIS}-venv)."
    )


def base_of(python):
    """The interpreter that an environment was made of, or None if its Python does not run."""
    command = [python, "-c", "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)"]
    try:
        out = subprocess.check_output(command, stderr=subprocess.DEVNULL, env=clean_environment())
        return out.decode("utf-8", "replace").strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def usable():
    """Whether .venv is an environment of the Python that runs this, not only of its version, which pip can fill."""
    python = inside("python")
    if not os.path.exists(python) or version_of(python) != sys.version_info[:2]:
        return False
    if os.path.realpath(base_of(python) or "") != os.path.realpath(PYTHON):
        return False
    return pip_inside() or own_pip()


def pip_inside():
    """Whether .venv has a pip of its own."""
    command = [inside("python"), "-c", "import pip"]
    return subprocess.call(command, stderr=subprocess.DEVNULL, env=clean_environment()) == 0


def pip():
    """The command of pip that installs into .venv."""
    command = [inside("python"), "-m", "pip"] if pip_inside() else [PYTHON, "-m", "pip", "--python", inside("python")]
    return [*command, "--quiet", "--disable-pip-version-check", "--require-virtualenv"]


def plugins():
    """The folders of the plugins' distributions."""
    return sorted(os.path.dirname(found) for found in glob.glob(os.path.join(ROOT, "plugins", "*", "pyproject.toml")))


def digest():
    """What an installation depends on: the Python, the place, and what the distributions ask for."""
    seen = hashlib.sha256((sys.version + PYTHON + ROOT).encode("utf-8"))
    for folder in [ROOT, *plugins()]:
        seen.update(folder.encode("utf-8"))
        with open(os.path.join(folder, "pyproject.toml"), "rb") as file:
            seen.update(file.read())
    return seen.hexdigest()


def stamp_of(purpose):
    """The file that says for what state of the project .venv was made ready."""
    return os.path.join(VENV, "ready-for-" + purpose)


def ready(purpose, wanted):
    """Whether .venv is where `purpose` needs it."""
    try:
        with open(stamp_of(purpose)) as file:
            return file.read() == wanted and os.path.exists(inside("python"))
    except OSError:
        return False


def install(purpose, packages, what, how_long="a minute"):
    """Bring .venv to where `purpose` needs it; the stamp is written last, so an interrupted run is taken up again."""
    wanted = digest()
    if ready(purpose, wanted):
        return
    if not usable():
        say(f"making a virtual environment in .venv of {PYTHON}")
        must(venv_command(), "making the virtual environment")
    say(f"installing {what} into .venv (the first time takes {how_long})")
    if "--group" in packages:  # needs a newer pip than old Pythons bring along
        must([*pip(), "install", "--upgrade", "pip>=25.1"], "installing pip")
    if "--editable" in packages:
        # Installed once here, for otherwise pip fetches it anew for each distribution. What is not imported at once
        # need not be compiled at once.
        must([*pip(), "install", "--no-compile", *build_tools()], "installing what builds")
        packages = ["--no-build-isolation", "--no-compile", *packages]
    must([*pip(), "install", *packages], "installing " + what)
    with open(stamp_of(purpose), "w") as file:
        file.write(wanted)


def build_tools():
    """What builds the distributions, which all use the same, and what it wants for an editable installation."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as file:
        wanted = re.search(r'^requires = \["([^"]+)"\]$', file.read(), re.MULTILINE)
    return [wanted.group(1), "editables"]


def editable(folders):
    """The arguments of pip for some distributions of this folder."""
    packages = []
    for folder in folders:
        # The demo needs a web server beside the dashboard.
        packages += ["--editable", folder + ("[demo]" if os.path.basename(folder) == "convokit-dashboard" else "")]
    return packages


def everything_editable():
    """The arguments of pip for the core and every plugin, from this folder."""
    return editable([ROOT, *plugins()])


def run_demo(arguments):
    """The demo, which needs few of the plugins and should be there soon."""
    if not ready("run", digest()):
        needs = editable([ROOT, os.path.join(ROOT, "plugins", "convokit-dashboard")])
        install("demo", needs, "convokit and its dashboard", how_long="less than half a minute")
    start_convokit(arguments)


def run_convokit(arguments):
    """The `convokit` command, from .venv."""
    install("run", everything_editable(), "convokit and its plugins")
    start_convokit(arguments)


def start_convokit(arguments):
    """Become the `convokit` command."""
    environment = clean_environment()
    environment["CONVOKIT_COMMAND"] = "python3 go.py run"  # how its hints name it, for they must work in a clone
    become([inside("python"), "-m", "convokit", *arguments], environment)


def run_pytest(arguments):
    """Only pytest, on the source tree."""
    install("pytest", [*everything_editable(), "--group", "test"], "convokit, its plugins and pytest")
    os.chdir(ROOT)
    become([inside("python"), "-m", "pytest", *arguments], clean_environment())


def swift_folder():
    """A folder in memory for the temporary files of tests, or None: most of their time SQLite waits for the disk."""
    try:
        state = os.statvfs(IN_MEMORY)
        with open("/proc/meminfo", encoding="ascii") as lines:
            free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (AttributeError, OSError, StopIteration, ValueError):
        return None
    if "TMPDIR" in os.environ or state.f_flag & os.ST_NOEXEC or min(free, state.f_bavail * state.f_frsize) < ROOM:
        return None
    made = tempfile.mkdtemp(prefix="convokit-", dir=IN_MEMORY)
    os.chmod(made, 0o711)  # noqa: S103 - root's PostgreSQL runs as somebody else, and has a folder of its own in it
    return made


def run_everything():
    """Every environment of tox.ini; the last lines are what failed and the closing lines of the test runs."""
    swift = swift_folder()
    if swift is not None:
        os.environ["TMPDIR"] = swift
    try:
        run_environments()
    finally:
        if swift is not None:
            shutil.rmtree(swift, ignore_errors=True)


def run_environments():
    """The checks side by side, then one environment with tests after the other."""
    install("tox", ["tox>=4.67", build_tools()[0]], "tox")
    os.environ["CONVOKIT_WHEELS"] = os.path.join(ROOT, ".tox", "wheels")
    wheels = [
        inside("python"),
        os.path.join(ROOT, "tools", "distributions.py"),
        "wheels",
        os.environ["CONVOKIT_WHEELS"],
    ]
    must(wheels, "building the wheels of the plugins")
    mine = "py" + THIS.replace(".", "")
    tests = [
        *sorted(LISTED, key=lambda name: name != mine),
        *([] if mine in LISTED else [mine]),
        "coverage",
    ]
    say("running lint, types, build and docs side by side; each shows its output when it is done")
    checks, _, _ = tox(
        ["run-parallel", "--parallel", "all", "--parallel-no-spinner", "-e", "lint,types,build,docs"], mine
    )
    say("running " + ", ".join(tests))
    # Installing waits for the network and the disk, tests for processors: so all is installed at once before them.
    apart = [name for name in tests if name.startswith("py") and is_here(name)]
    tox(["run-parallel", "--notest", "--parallel", "all", "--parallel-no-spinner", "-e", ",".join(apart)], mine)
    code, closing, failed = tox(["run", "-e", ",".join(tests)], mine)
    if not closing:
        sys.exit("go.py: no interpreter ran the tests." if code == 0 else "go.py: the tests did not run; see above.")
    print("\nEverything holds." if checks == code == 0 else "\nSomething does not hold; see above.")
    print("\n".join([*failed, *closing]))
    sys.exit(checks or code)


def is_here(name):
    """Whether an interpreter ("py313") can be run: a shim on the PATH may lead to none."""
    version = "3." + name[len("py3") :]
    try:
        return subprocess.run(["python" + version, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def tox(arguments, mine):
    """Run tox, its output shown as it comes; its exit code, and of test runs the closing lines and what failed."""
    environment = clean_environment()
    environment["TOX_PARALLEL_SHOW_OUTPUT"] = "1"
    environment["PIP_NO_COMPILE"] = "1"  # as tox.ini says
    environment.setdefault("CONVOKIT_SCALE_PRACTICES", "200")  # by itself `tox -e scale` has a thousand
    # Of several interpreters only this one runs also what is long and the same under each of them. The lines are
    # counted under another one, where there is one: what is long takes twice as long then.
    environment["CONVOKIT_ONCE_ON"] = mine
    others = (name for name in reversed(LISTED) if name != mine and is_here(name))
    covered = environment["CONVOKIT_COVERED_ON"] = next(others, mine)
    environment["CONVOKIT_GROUP"] = "whole"  # of one that is not listed
    for name in LISTED:
        # The first one has the browser too; one in between runs the tests of the core alone, which need little.
        group = "e2e" if name == mine else "test" if name == covered else "narrow"
        environment["CONVOKIT_GROUP_" + name] = "whole" if name == mine == covered else group
    process = subprocess.Popen(
        [inside("python"), "-m", "tox", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    closing, failed = [], []
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace")
        sys.stdout.write(line)
        sys.stdout.flush()
        plain = COLOUR.sub("", line).strip()
        if CLOSING_LINE.match(plain):
            closing.append(plain)
        elif FAILED_LINE.match(plain):
            failed.append(plain)
    return process.wait(), closing, failed


def main(arguments):
    """Do what the first argument says."""
    use_a_suitable_python()
    command = arguments[0] if arguments else ""
    if command == "demo":
        run_demo(arguments)
    elif command == "run":
        run_convokit(arguments[1:])
    elif command == "test" and len(arguments) > 1:
        run_pytest(arguments[1:])
    elif command == "test":
        run_everything()
    else:
        asked = command in ("-h", "--help", "help")
        (sys.stdout if asked else sys.stderr).write(__doc__)
        sys.exit(0 if asked else 2)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
