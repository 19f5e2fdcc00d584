# Installed with the course where IPython looks for it, so that kernels explain missing names from their first cell on.
# Every kernel of the environment runs this, also those that have nothing to do with the course: it leaves no name behind
# (hence no docstring and no import statement), and says nothing, not even where the course is gone or broken.
try:  # noqa: SIM105
    __import__("course_utils.notebook", fromlist=["begin_kernel"]).begin_kernel()
except Exception:
    pass
