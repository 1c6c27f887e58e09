/**
 * The socket: messages out, messages in, and coming back after the server was gone.
 *
 * @import {Binary} from "./types.js"
 */

const MAGIC = "KPG1";
const FIRST_WAIT = 250;
const LONGEST_WAIT = 3000;

/**
 * An answer with arrays, as `messages.py` lays it out; the arrays look into the same bytes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Binary}
 */
export function decode(buffer) {
    const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4));
    if (magic !== MAGIC) throw new Error(`a frame begins with ${MAGIC}, not with ${JSON.stringify(magic)}`);
    const start = 8 + new DataView(buffer).getUint32(4, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
    /** @type {Binary} */
    const found = { header, arrays: new Map(), bytes: new Map() };
    for (const { name, dtype, shape, offset } of header.arrays) {
        const count = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
        if (dtype === "uint8") found.bytes.set(name, new Uint8Array(buffer, start + offset, count));
        else found.arrays.set(name, { shape, values: new Float32Array(buffer, start + offset, count) });
    }
    return found;
}

export class Wire {
    /**
     * @param {object} handlers
     * @param {() => string} handlers.token
     * @param {() => Record<string, any>} handlers.hello the first message of each connection
     * @param {(message: Record<string, any>) => void} handlers.message
     * @param {(binary: Binary) => void} handlers.binary
     * @param {(state: "connecting" | "connected" | "lost" | "refused") => void} handlers.changed
     */
    constructor(handlers) {
        this.handlers = handlers;
        this.wait = FIRST_WAIT;
        /** @type {WebSocket | null} */
        this.socket = null;
    }

    open() {
        if (this.socket) return;
        const address = new URL(`ws?token=${encodeURIComponent(this.handlers.token())}`, location.href);
        address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
        address.hash = "";
        const socket = new WebSocket(address);
        socket.binaryType = "arraybuffer";
        socket.onopen = () => {
            this.wait = FIRST_WAIT;
            this.socket = socket;
            this.handlers.changed("connected");
            this.send(this.handlers.hello());
        };
        socket.onmessage = (event) => {
            if (typeof event.data === "string") this.handlers.message(JSON.parse(event.data));
            else this.handlers.binary(decode(event.data));
        };
        socket.onclose = () => {
            this.socket = null;
            this.handlers.changed("lost");
            void this.again();
        };
    }

    /** Try again after a while, unless the server is there and does not know this address. */
    async again() {
        await new Promise((resolve) => setTimeout(resolve, this.wait));
        this.wait = Math.min(this.wait * 1.5, LONGEST_WAIT);
        const known = await fetch(`check?token=${encodeURIComponent(this.handlers.token())}`, {
            cache: "no-store",
        }).then(
            (answer) => answer.ok,
            () => null,
        );
        if (known === false) return this.handlers.changed("refused");
        if (known === null) return void this.again();
        this.open();
    }

    /** @param {Record<string, any>} message */
    send(message) {
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    }
}
