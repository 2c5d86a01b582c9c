import { hold } from "../../core/belongings.js";

/** @import { Context } from "../../core/base.js" */

/** @typedef {{ session: string, names: string[] }} Data */

/** @param {Context<Data>} context */
export function mount({ data, parentElement }) {
  hold(parentElement, data.session, data.names);
}
