/**
 * @param {HTMLElement} _root
 * @param {import("#app").App} _app
 */
export function mount(_root, _app) {}
