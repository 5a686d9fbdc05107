/**
 * Shows one long step at a time on standard error, so that standard output stays the command's own: on a terminal one
 * line that is rewritten, elsewhere a line now and then.
 *
 * @param {{ isTTY?: boolean, write(text: string): unknown }} stream
 */
export function showProgress(stream) {
  return {
    /** @param {string} text */
    note(text) {
      stream.write(`skillrl: ${text}\n`);
    },

    /**
     * @param {string} label - as in "installing packages".
     * @returns {{ readonly detail: (text: string) => void, readonly end: (outcome: string) => void }}
     */
    step(label) {
      const begun = Date.now();
      let detail = '';
      let shown = 0;
      const seconds = () => Math.round((Date.now() - begun) / 1000);
      const draw = () => {
        const line = `skillrl: ${label} … ${seconds()} s${detail && ` (${detail})`}`;
        stream.write(stream.isTTY ? `\r\u001b[K${line.slice(0, 110)}` : `${line}\n`);
        shown = Date.now();
      };
      draw();
      const timer = setInterval(() => {
        if (stream.isTTY || Date.now() - shown >= 10_000) draw();
      }, 500);
      timer.unref();
      return {
        detail(text) {
          detail = text;
        },
        end(outcome) {
          clearInterval(timer);
          stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}skillrl: ${outcome} (${seconds()} s)\n`);
        },
      };
    },
  };
}

/** @typedef {ReturnType<typeof showProgress>} Progress */
