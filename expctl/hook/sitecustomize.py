"""The hook: what ``expctl run`` does inside a Python child, without a change to its code.

``expctl run`` puts this folder first on ``PYTHONPATH``, so that Python's own ``site`` imports this file
before the script starts. It seeds the random generators if that was asked for, says which interpreter runs,
makes ``import expctl`` work where expctl is not installed, and gives way to the ``sitecustomize`` that would
have been imported without it.

Standard library only; nothing heavy is imported; every failure is silent. The syntax is that of every Python
since 2.7, hence no annotations: an old interpreter among the children must not print a syntax error.
"""
# ruff: noqa: ANN001, ANN202, ANN204, ANN205, SIM105
# mypy: ignore-errors

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_PACKAGE = os.path.dirname(_HERE)
_MODERN = sys.version_info >= (3, 8)
_MAX_DIGITS = 20


class _Finder:
    """Finds ``expctl`` beside this hook; asked last, so that an installed one comes first."""

    @staticmethod
    def find_spec(name, path=None, target=None):  # noqa: ARG004 - the import system gives them
        """The package that this hook is a part of."""
        if name != "expctl":
            return None
        from importlib.util import spec_from_file_location

        entry = os.path.join(_PACKAGE, "__init__.py")
        return spec_from_file_location(name, entry, submodule_search_locations=[_PACKAGE])


class _Seeds:
    """Waits for the first import of a library with a random generator; until then seeds cost nothing.

    Attributes:
        seen: What is known of the generators, once there was one.
    """

    names = ("random", "numpy.random", "torch", "torch.random", "keras.src.utils.rng_utils",
             "tensorflow.python.framework.random_seed", "keras.src.random.seed_generator",
             "cupy.random", "jax.random")  # fmt: skip
    seen = None

    def __init__(self, folder, key):
        self._folder = folder
        self._key = key
        self._finder = None
        self._begun = False
        sys.meta_path.insert(0, self)
        if any(name in sys.modules for name in self.names):
            self._begin()

    def find_spec(self, name, path=None, target=None):
        """What the others find, if this is a library that is waited for."""
        if name not in self.names:
            return None
        if not self._begun:
            self._begin()
        return None if self._finder is None else self._finder.find_spec(name, path, target)

    def _begin(self):
        self._begun = True
        try:
            seeds, observe = _load("expctl_seeds"), _load("expctl_observe")
            self.seen = observe.Observer(self._report)
            acts = self.seen.acts()
            seed = os.environ.get("EXPCTL_SEED", "")
            if seed.isdigit() and len(seed) <= _MAX_DIGITS:
                for name in seeds.NAMES:
                    acts[name] = self._planter(seeds, int(seed), acts[name])
            finder = seeds.Finder(acts)
            finder.act_on_loaded()
            self._finder = finder
        except Exception:
            pass

    def _planter(self, seeds, seed, then):
        def plant(module):
            seeds.sow(module, seed, self._asked)
            then(module)

        return plant

    def _asked(self, generator, seed):
        # One file a generator, by whichever process is first; sorted before what the script says itself.
        self.seen.planted.add(generator)
        _write_once(os.path.join(self._folder, "events-0-%s.jsonl" % generator), _seed_line(generator, seed))

    def _report(self, generator, seed):
        # Workers and the other processes of a distributed job have seeds that follow from those of the first.
        if _rank() in ("", "0") and not _is_worker():
            path = os.path.join(self._folder, "events-1-%s.jsonl" % self._key)
            _append(path, _seed_line(generator, seed), 0)


def _start():
    folder = os.environ.get("EXPCTL_RUN_DIR", "")
    if os.environ.get("EXPCTL_HOOK") != "1" or not os.path.isdir(folder):
        return
    key = "%x-%d" % (_now(), os.getpid())
    for step in (_tell, _watch) if _MODERN else (_tell,):
        try:
            step(folder, key)
        except Exception:
            pass
    if _MODERN:
        sys.meta_path.append(_Finder)


def _tell(folder, key):
    """Say who this process is: a line now, and one at its end if it comes to that."""
    import atexit  # built in

    path = os.path.join(folder, "process-%s.jsonl" % key)
    facts = [
        '"e":"start"',
        '"executable":' + _quote(sys.executable or ""),
        '"version":' + _quote("%d.%d.%d" % sys.version_info[:3]),
        '"prefix":' + _quote(sys.prefix),
        '"base_prefix":' + _quote(getattr(sys, "base_prefix", sys.prefix)),
        '"path":' + _quote_all([each for each in sys.path if each and not _is_here(each)]),
        '"argv":' + _quote_all(_script()),
        '"rank":' + _quote(_rank()),
        '"worker":' + ("true" if _is_worker() else "false"),
    ]
    _append(path, "{" + ",".join(facts) + "}\n", os.O_EXCL)
    seeds = _Seeds(folder, key) if _MODERN else None
    owner = os.getpid()

    def end():
        try:
            if os.getpid() == owner:  # not in a fork of it
                _end(path, seeds and seeds.seen)
        except Exception:
            pass

    atexit.register(end)


def _end(path, seen):
    facts = ['"e":"end"', '"at":%d' % _now(), '"argv":' + _quote_all(_script())]
    names = {name.partition(".")[0] for name in list(sys.modules)}
    facts.append('"modules":' + _quote_all(sorted(names - set(sys.builtin_module_names))))
    if seen is not None:
        seen.end()
        facts.append('"flags":{' + ",".join(['"%s":%s' % pair for pair in seen.flags()]) + "}")
    _append(path, "{" + ",".join(facts) + "}\n", 0)


def _watch(folder, key):
    import atexit

    watch = _load("expctl_watch").Watch(folder, key)
    watch.start()

    def end():
        try:
            watch.end()
        except Exception:
            pass

    atexit.register(end)


def _load(name):
    """A module beside this one, known to nobody else: its globals outlive an ending interpreter's modules."""
    from _frozen_importlib_external import SourceFileLoader

    code = SourceFileLoader(name, os.path.join(_HERE, name + ".py")).get_code(name)
    module = type(sys)(name)
    exec(code, module.__dict__)  # noqa: S102 - as the import system does
    return module


def _seed_line(generator, seed):
    return '{"e":"seed","k":"%s","v":%s}\n' % (generator, "null" if seed is None else "%d" % seed)


def _script():
    """What runs, by its first word; what else stands there may be a secret."""
    argv = getattr(sys, "argv", None) or [""]
    first = str(argv[0])
    if first == "-m":
        words = list(getattr(sys, "orig_argv", []))  # not before 3.10
        if "-m" in words[:-1]:
            return ["-m", words[words.index("-m") + 1]]
    return [first] if first else []


def _rank():
    for name in ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK"):
        value = os.environ.get(name, "")
        if value.isdigit() and len(value) < _MAX_DIGITS:
            return value
    return ""


def _is_worker():
    """Whether multiprocessing started this: its tracker, its fork server or a worker of its own."""
    words = getattr(sys, "orig_argv", None)  # not before 3.10
    if words is None:
        try:
            with open("/proc/self/cmdline") as file:
                words = file.read(4096).split("\0")
        except (OSError, ValueError):
            words = getattr(sys, "argv", None) or []
    return "--multiprocessing-fork" in words or any("from multiprocessing." in word for word in words[:8])


def _now():
    import time

    return time.time_ns() if hasattr(time, "time_ns") else int(time.time() * 1e9)


def _append(path, text, more):
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | more
    handle = os.open(path, flags, 0o644)
    try:
        os.write(handle, text.encode("ascii"))
    finally:
        os.close(handle)


def _write_once(path, text):
    """Write a file whole unless it is there: written beside, then linked, which only the first can."""
    beside = "%s.%d" % (path, os.getpid())
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o644)
    try:
        os.write(handle, text.encode("ascii"))
        os.link(beside, path)
    finally:
        os.close(handle)
        os.unlink(beside)


def _quote(text):
    if _MODERN and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return '"' + text + '"'  # the next lines cost 0.2 ms
    try:
        from _json import encode_basestring_ascii as quote  # json itself costs 3 ms
    except ImportError:
        from json import dumps as quote
    return quote(text)


def _quote_all(texts):
    return "[" + ",".join([_quote(text) for text in texts]) + "]"


def _is_here(entry):
    return os.path.abspath(entry) == _HERE


def _give_way():
    """Import the sitecustomize that comes after ours on the path, as if ours were not there."""
    sys.path[:] = [each for each in sys.path if not _is_here(each)]
    ours = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize  # noqa: F401 - another than this one
    except ImportError as err:
        if (getattr(err, "name", None) or str(err).split()[-1]) != "sitecustomize":
            raise
    finally:
        # The import system wants to find a module under this name when we return.
        sys.modules.setdefault("sitecustomize", ours)


_start()
_give_way()
