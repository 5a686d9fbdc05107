/**
 * A bootstrap that cannot go on. Its message is the whole of what a person needs: what happened and what to do.
 */
export class BootstrapFailure extends Error {
  /**
   * @param {string} message
   * @param {{ readonly exitCode?: number }} [options]
   */
  constructor(message, options = {}) {
    super(message);
    this.name = 'BootstrapFailure';
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ctrl-C, or a signal of the same meaning, while the toolchain is made ready. */
export function interrupted() {
  return new BootstrapFailure('Interrupted. Run the same command again to go on.', { exitCode: 130 });
}
