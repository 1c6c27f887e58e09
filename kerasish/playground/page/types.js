/**
 * The messages of `messages.py` as the page sees them; only types, checked by `tsc --checkJs`.
 *
 * @typedef {{kind: string, units?: number, activation?: string, rate?: number}} LayerSettings
 *
 * @typedef {object} Settings
 * @property {string} problem
 * @property {string} data
 * @property {number[][]} points
 * @property {number} classes
 * @property {number} noise
 * @property {number} samples
 * @property {number} train_share
 * @property {number} data_seed
 * @property {string[]} features
 * @property {LayerSettings[]} layers
 * @property {string} output_activation
 * @property {string} initializer
 * @property {string} loss
 * @property {string} optimizer
 * @property {number} learning_rate
 * @property {number} momentum
 * @property {Record<string, any>} optimizer_options
 * @property {string} regularization
 * @property {number} regularization_rate
 * @property {number} batch_size
 * @property {number} seed
 *
 * @typedef {{name: string, shape: number[], trainable: boolean}} WeightInfo
 * @typedef {{index: number, name: string, kind: string, units: number, activation: string, is_output: boolean,
 *   setting: number | null, weights: WeightInfo[]}} LayerInfo
 * @typedef {{resolution: number, neuron_resolution: number, maps: "all" | number[], gradients: boolean,
 *   epochs_per_frame: number, frames_per_second: number}} View
 *
 * @typedef {object} State
 * @property {number} revision
 * @property {Settings} settings
 * @property {View} view
 * @property {boolean} playing
 * @property {number} epoch
 * @property {string[]} inputs
 * @property {LayerInfo[]} layers
 * @property {number} parameters
 * @property {string} loss
 * @property {number} outputs
 * @property {number[]} range
 * @property {number} threshold
 * @property {string} fixed
 * @property {string[]} notes
 * @property {string} script
 *
 * @typedef {object} Catalogue
 * @property {Record<string, string[]>} problems
 * @property {string[]} many_classes
 * @property {Record<string, string>} features
 * @property {string[]} activations
 * @property {string[]} initializers
 * @property {Record<string, string[]>} losses
 * @property {Record<string, {learning_rate: number, momentum: number | null, options: Record<string, any>}>} optimizers
 * @property {string[]} regularizations
 * @property {string[]} layer_kinds
 * @property {Record<string, number[]>} limits
 * @property {Record<string, number[][]>} previews
 * @property {Settings} defaults
 * @property {View} view
 *
 * @typedef {{shape: number[], values: Float32Array}} Numbers
 * @typedef {{header: Record<string, any>, arrays: Map<string, Numbers>, bytes: Map<string, Uint8Array>}} Binary
 *
 * @typedef {(number | null)[]} Row
 * @typedef {object} BackpropLayer
 * @property {number | null} layer
 * @property {string} name
 * @property {string} kind
 * @property {string} activation
 * @property {Row | null} inputs
 * @property {Row | null} sums
 * @property {Row} outputs
 * @property {Row | null} slopes
 * @property {Row | null} output_gradient
 * @property {Row | null} sum_gradient
 * @property {Row[] | null} kernel
 * @property {Row | null} bias
 * @property {Row[] | null} kernel_gradient
 * @property {Row | null} bias_gradient
 * @property {Row[] | null} kernel_after
 * @property {Row | null} bias_after
 *
 * @typedef {object} Backprop
 * @property {number[]} point
 * @property {number} label
 * @property {Row} features
 * @property {BackpropLayer[]} layers
 * @property {Row} prediction
 * @property {string} loss_name
 * @property {number | null} loss
 * @property {number | null} loss_after
 * @property {number} learning_rate
 * @property {string} text
 *
 * @typedef {{line: number, column: number, end_line: number, end_column: number, message: string}} Mark
 * @typedef {{settings: Partial<Settings> | null, marks: Mark[]}} Parsed
 */
export {};
