"""What pyproject.toml cannot say: the native engine is compiled along, and one wheel serves every Python."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent


class BuildWithEngine(build_py):
    """Puts the compiled engine beside its loader; without a compiler muse writes with PyTorch."""

    def run(self) -> None:
        super().run()
        target = (HERE if self.editable_mode else Path(self.build_lib)) / "muse" / "engine"
        found = importlib.util.spec_from_file_location("muse_engine_build", HERE / "muse" / "engine" / "build.py")
        assert found is not None and found.loader is not None
        builder = importlib.util.module_from_spec(found)
        found.loader.exec_module(builder)
        try:
            builder.build(target / builder.LIBRARY)
        except (RuntimeError, OSError) as error:
            print(f"muse: no native engine, poems and music will be written with PyTorch ({error})", file=sys.stderr)


class PlatformWheel(bdist_wheel):
    """Tagged py3-none-<platform>: the library has a C interface and knows nothing of Python."""

    def get_tag(self) -> tuple[str, str, str]:
        built = next(Path(self.bdist_dir or ".").rglob("libmuse_engine.so"), None)
        platform = super().get_tag()[2] if built else "any"
        return "py3", "none", platform


class WithLibrary(Distribution):
    """Not a pure package, so that the wheel is installed where platform files go and carries a platform tag."""

    def has_ext_modules(self) -> bool:
        return True


setup(distclass=WithLibrary, cmdclass={"build_py": BuildWithEngine, "bdist_wheel": PlatformWheel})
