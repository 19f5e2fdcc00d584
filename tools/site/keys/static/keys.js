// A prebuilt extension of JupyterLab, written by hand. JupyterLab hears keys after the element that has the focus has had
// them, JupyterLite 0.6 before: there an arrow key on a slider would go to another heading, Enter on a button would edit the
// cell. This listens as JupyterLab does (its option `bubblingKeydown`), and changes nothing where that is so already.
(() => {
  const activate = app => {
    app.started.then(() => {
      for (const kind of ["keydown", "keyup"]) {
        document.removeEventListener(kind, app, true);
        document.addEventListener(kind, app);
      }
    });
  };

  const plugin = { id: "sequence-models-course:keys", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["sequence-models-course-keys"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
