// Connects the client library in a page and lets a test drive it: a function of the options of connect().
async (options) => {
  const library = await import("/client.js");
  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const noise = (length) => {
    const made = new Uint8Array(length);
    for (let index = 0, state = 1; index < length; index += 1) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      made[index] = ((index / 3) % 251) * 0.7 + (state >>> 26);
    }
    return made;
  };
  const given = (each) => (Array.isArray(each) ? each.map(given) : typeof each === "string" ? bytes(each) : noise(each.noise));
  const make = (more) => library.connect({ ...options, ...more });
  const isBuffers = (value) =>
    ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > 0 && value.every(ArrayBuffer.isView));
  const describe = (value) => [].concat(value).map((each) => [each.constructor.name, each.length]);
  window.driver = {
    bytes,
    make,
    codec: await make({}),
    controllers: {},
    outcomes: {},
    stages: {},
    async call(fn, inputs, options, settings) {
      try {
        const buffers = inputs.map(given);
        const entries = Object.entries(await this.codec[fn](...buffers, options, settings));
        const fields = Object.fromEntries(entries.filter(([, value]) => !isBuffers(value)));
        const buffered = entries.filter(([, value]) => isBuffers(value));
        return { fields, kinds: Object.fromEntries(buffered.map(([name, value]) => [name, describe(value)])) };
      } catch (error) {
        const { code, message, option, input, name } = error;
        return { error: { code, message, option, input, name } };
      }
    },
    start(key, fn, inputs, options, settings) {
      this.controllers[key] = new AbortController();
      this.stages[key] = [];
      const onprogress = ({ stage }) => this.stages[key].push(stage);
      const { signal } = this.controllers[key];
      void this.call(fn, inputs, options, { ...settings, onprogress, signal }).then((outcome) => {
        this.outcomes[key] = outcome;
      });
    },
  };
}
