"""manage.py on a machine with nothing but Python.

The one package "needed" is a small wheel of our own named django, whose command line says where it
runs: the real packages are installed this way by every run of CI.
"""

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parent.parent.parent / "manage.py"
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
PACKAGE = {
    "django/__init__.py": "",
    "django/conf.py": "class settings: DATABASES = {}",
    "django/core/__init__.py": "",
    "django/core/exceptions.py": "class ImproperlyConfigured(Exception): pass",
    "django/core/management.py": (
        "import sys\ndef execute_from_command_line(argv): print(sys.prefix, *argv[1:])"
    ),
}


def make_wheel(directory, version):
    path = directory / f"django-{version}-py3-none-any.whl"
    info = f"django-{version}.dist-info"
    files = PACKAGE | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: django\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def need(project, version, digest=None):
    """Let the project need this version."""
    digest = make_wheel(project, version) if digest is None else digest
    text = f"--no-index\n--find-links .\ndjango=={version} --hash=sha256:{digest}\n"
    (project / "requirements.txt").write_text(text)


@pytest.fixture
def project(tmp_path):
    shutil.copy(MANAGE, tmp_path)
    need(tmp_path, "1.0")
    return tmp_path


def start(project, *arguments, python=BASE_PYTHON, **env):
    command = [python, "manage.py", *arguments]
    environ = {"PATH": os.environ["PATH"], **env}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=project, env=environ, stdout=pipe, stderr=pipe, text=True)


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def manage(project, *arguments, **options):
    return finish(start(project, *arguments, **options))


def assert_one_line(result, *words):
    code, out, err = result
    assert (code, out) == (1, "")
    assert len(err.strip().splitlines()) == 1, err
    for word in words:
        assert word in err


def test_it_makes_an_environment_once_and_goes_on_in_it(project):
    answer = f"{project / '.venv'} check --fast\n"
    code, out, err = manage(project, "check", "--fast")
    assert (code, out) == (0, answer)  # nothing else on standard output: programs read it
    assert "making .venv" in err
    assert "installing requirements.txt" in err
    assert manage(project, "check", "--fast") == (0, answer, "")


def test_an_environment_is_brought_up_to_date(project):
    manage(project)
    need(project, "2.0")
    code, _, err = manage(project)
    assert code == 0
    assert "making" not in err
    assert "django-2.0" in err
    assert manage(project)[2] == ""


def test_an_interrupted_start_is_made_good(project):
    manage(project)
    (project / ".venv" / "installed").write_text("unfinished\n")
    (project / ".venv" / "bin" / "pip").unlink()
    code, _, err = manage(project)
    assert code == 0
    assert "making .venv" in err
    assert manage(project)[2] == ""


def test_two_starts_at_once_make_one_environment(project):
    processes = [start(project, "check") for _ in range(2)]
    results = [finish(process) for process in processes]
    assert [code for code, _, _ in results] == [0, 0]
    assert sum("making .venv" in err for _, _, err in results) == 1
    assert sum("waiting" in err for _, _, err in results) == 1


def test_a_package_that_is_not_the_one_we_named_is_refused(project):
    need(project, "1.0", digest="0" * 64)
    code, out, err = manage(project)
    assert (code, out) == (1, "")
    assert "could not be installed" in err.splitlines()[-1]
    assert "Traceback" not in err


def test_an_environment_that_has_everything_is_used_as_it_is(tmp_path):
    shutil.copy(MANAGE, tmp_path)
    (tmp_path / "requirements.txt").write_text("pytest==0.1 \\\n    --hash=sha256:00\n")
    code = "import manage; manage.enter_environment(['requirements.txt']); print('stayed')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True)
    assert done.stdout == b"stayed\n"
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_venv_is_told(project):
    (project / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    assert_one_line(manage(project, PYTHONPATH=str(project)), "python3-venv")


def test_a_directory_that_cannot_be_written_is_told(project):
    (project / ".venv.lock").mkdir()  # permission bits would not stop root
    assert_one_line(manage(project), "cannot prepare", ".venv")


def test_an_old_python_is_told(project):
    (project / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 10, 4)\n")
    assert_one_line(manage(project, PYTHONPATH=str(project)), "3.11 or newer", "3.10")


def test_an_old_python_can_read_the_file():
    source = MANAGE.read_bytes()
    source.decode("ascii")  # Python 2 would stop at anything else
    ast.parse(source, feature_version=(3, 4))
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]
