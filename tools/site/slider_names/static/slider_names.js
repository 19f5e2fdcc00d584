// A prebuilt extension of JupyterLab, written by hand. The handle of a slider of ipywidgets 8 says its value to a screen reader,
// but not which slider it is: here it gets the words of the slider's label.
(() => {
  const name = slider => {
    const label = slider.querySelector(".widget-label")?.textContent.trim(), handles = slider.querySelectorAll(".noUi-handle");
    handles.forEach((handle, k) => {
      if (label) handle.setAttribute("aria-label", handles.length > 1 ? `${label}, ${k ? "to" : "from"}` : label);
    });
  };

  const activate = () => {
    new MutationObserver(changes => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) {
          if (node.matches?.(".widget-slider")) name(node);
          node.querySelectorAll?.(".widget-slider").forEach(name);
        }
        const around = target.closest?.(".widget-slider");  // the label or the handle came later, or is another now
        if (around) name(around);
      }
    }).observe(document.body, { childList: true, subtree: true });
  };

  const plugin = { id: "sequence-models-course:slider-names", autoStart: true, activate };
  (window._JUPYTERLAB ??= {})["sequence-models-course-slider-names"] = {
    init: () => {},
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
