// A prebuilt extension of JupyterLab, written by hand: two things that JupyterLite 0.6 does otherwise than JupyterLab.
(() => {
  // JupyterLab hears keys after the element that has the focus has had them (its option `bubblingKeydown`), JupyterLite
  // before: there an arrow key on a slider would go to another heading, and Enter on a button would edit the cell.
  const keys = app => {
    app.started.then(() => {
      for (const kind of ["keydown", "keyup"]) {
        document.removeEventListener(kind, app, true);
        document.addEventListener(kind, app);
      }
    });
  };

  // JupyterLab's address says which file is open, JupyterLite takes it out: a reload would show the launcher.
  const address = app => {
    const say = () => {
      const path = app.shell.currentWidget?.context?.path, url = new URL(location);
      if (path) url.searchParams.set("path", encodeURIComponent(path));  // it is decoded twice
      else url.searchParams.delete("path");
      history.replaceState(history.state, "", url);
    };
    app.restored.then(() => {
      app.shell.currentChanged.connect((_, { newValue }) => {
        newValue?.context?.pathChanged.connect(say);  // once for each, however often it is current
        say();
      });
      say();
    });
  };

  const plugins = Object.entries({ keys, address }).map(
    ([name, activate]) => ({ id: `sequence-models-course:${name}`, autoStart: true, activate })
  );
  (window._JUPYTERLAB ??= {})["sequence-models-course-like-lab"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugins }),
  };
})();
