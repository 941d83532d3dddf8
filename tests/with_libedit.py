"""Build Python's module ``readline`` on libedit, as that of macOS is, and have the Python that runs this import it from now on.

It takes a C compiler and the headers of libedit (libedit-dev on Debian). The source of the module, for each version of Python, is
in the source distribution of gnureadline, which pip downloads.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

#: What stands in the source -> what takes its place: of what Python's configure found in GNU readline, libedit lacks a type.
CHANGES = {
    "#undef WITH_EDITLINE": "#undef HAVE_RL_COMPDISP_FUNC_T\n#define WITH_EDITLINE",
    "gnureadline": "readline",
}


def main() -> None:
    site = Path(sysconfig.get_path("purelib"))
    module = site / "libedit" / f"readline{sysconfig.get_config_var('EXT_SUFFIX')}"
    module.parent.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        _build(Path(folder), module)
    (site / "libedit.pth").write_text(f"import sys; sys.path.insert(0, {str(module.parent)!r})\n")
    # In a new process, as this one has come too early.
    subprocess.run([sys.executable, "-c", "import readline; assert 'libedit' in readline.__doc__"], check=True)


def _build(folder: Path, module: Path) -> None:
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder, "gnureadline"]
    subprocess.run(download, check=True)
    (archive,) = folder.glob("gnureadline-*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (modules,) = folder.glob("gnureadline-*/Modules")
    of_version = modules / f"{sys.version_info.major}.{sys.version_info.minor}"
    source = (of_version if of_version.exists() else modules / "3.x") / "readline.c"
    text = source.read_text()
    for before, after in CHANGES.items():
        assert before in text, before
        text = text.replace(before, after)
    source.write_text(text)
    headers = sysconfig.get_path("include")
    options = ["-shared", "-fPIC", "-w", "-DPy_BUILD_CORE_MODULE", f"-I{headers}", f"-I{headers}/internal"]
    subprocess.run(["cc", *options, source, "-o", module, "-ledit"], check=True)


if __name__ == "__main__":
    main()
