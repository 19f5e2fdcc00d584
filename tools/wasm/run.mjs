// Runs a Python module under Pyodide, as python -m does. The job, JSON made by node.py, comes on stdin.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(0, "utf8"));
try {
  const { loadPyodide } = await import(pathToFileURL(`${job.core}/pyodide.mjs`));
  const { core, native, packages, argv, env } = job;
  const python = await loadPyodide({ indexURL: core, packageCacheDir: native, args: argv, env });
  await python.loadPackage(packages, { messageCallback: () => {} });
  const extractDir = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  for (const wheel of job.pure) python.unpackArchive(new Uint8Array(readFileSync(wheel)), "wheel", { extractDir });
  for (const [path, text] of Object.entries(job.files)) {
    python.FS.mkdirTree(dirname(`${extractDir}/${path}`));
    python.FS.writeFile(`${extractDir}/${path}`, text);
  }
  python.FS.mkdirTree(job.course);
  python.mountNodeFS(job.course, job.root);
  python.FS.chdir(job.cwd);
  process.exitCode = python.runPython(`
    import runpy, sys
    sys.path.insert(0, ${JSON.stringify(job.course)})
    code = 0
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as done:
        code = int(done.code or 0)
    code`);
} catch (error) {
  console.error(error.message);  // by itself Node would print a megabyte of Pyodide's source first
  process.exitCode = 1;
}
