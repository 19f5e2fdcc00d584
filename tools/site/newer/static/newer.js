// A prebuilt extension of JupyterLab, written by hand. What a learner has saved hides the site's own file of that name, so
// an update would never be seen. This compares the version that each chapter carries with that of the site, and offers
// the newer chapter beside the learner's, whose file is never touched.
(() => {
  const activate = app => {
    const { commands, serviceManager: { contents, serverSettings }, shell } = app;

    const original = async chapter => {
      const answer = await fetch(`${serverSettings.baseUrl}files/${encodeURIComponent(chapter)}`, { cache: "no-cache" });
      return answer.ok ? answer.json() : null;  // null: the course has no such chapter any more
    };

    const beside = async chapter => {  // the path of a copy of the newest original, made if there is none yet
      const newest = await original(chapter);
      const there = new Set((await contents.get("")).content.map(file => file.name));
      for (let number = 1; ; number++) {
        const path = chapter.replace(/\.ipynb$/, ` (new${number > 1 ? ` ${number}` : ""}).ipynb`);
        if (!there.has(path)) return (await contents.save(path, { type: "notebook", format: "json", content: newest })).path;
        if ((await contents.get(path)).content.metadata.course?.version === newest.metadata.course.version) return path;
      }
    };

    commands.addCommand("course:open-newest", {
      label: "Open the newest version of a chapter",
      execute: async ({ chapter }) => commands.execute("docmanager:open", { path: await beside(chapter) }),
    });

    const seen = new WeakSet();
    const look = async widget => {
      const context = widget?.context;
      if (!context || seen.has(context)) return;
      seen.add(context);
      await context.ready;
      const own = context.model.getMetadata?.("course");
      const newest = own && (await original(own.chapter));
      if (!newest || newest.metadata.course.version === own.version) return;
      commands.execute("apputils:notify", {
        message: `${own.chapter} has a newer version. Yours stays as it is.`,
        type: "info",
        options: {
          autoClose: false,
          actions: [{ label: "Open the new one beside it", commandId: "course:open-newest", args: { chapter: own.chapter } }],
        },
      });
    };
    shell.currentChanged.connect((_, { newValue }) => look(newValue));
    app.restored.then(() => look(shell.currentWidget));
  };

  const plugin = { id: "sequence-models-course:newer", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["sequence-models-course"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
