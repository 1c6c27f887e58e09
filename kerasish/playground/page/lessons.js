/**
 * Settings of the course's chapter "In the playground", each a link; a test holds the chapter's links equal to
 * these.
 */
const FAST = "optimizer=adam&learning_rate=0.01";

/** Ten hidden layers. @param {string} layer */
const ten = (layer) => Array(10).fill(layer).join("-");

export const LESSONS = [
    { name: "XOR, no hidden layer", hash: "data=xor&layers=" },
    { name: "XOR, one hidden layer", hash: "data=xor&layers=4tanh" },
    { name: "XOR, x₁ x₂ as a feature", hash: "data=xor&features=x1,x2,x1*x2&layers=" },
    { name: "Spiral, one hidden layer", hash: `data=spiral&${FAST}&layers=8relu` },
    { name: "Spiral, three hidden layers", hash: `data=spiral&${FAST}&layers=8relu-8relu-8relu` },
    { name: "Spiral, sines as features", hash: `data=spiral&${FAST}&features=x1,x2,sin(x1),sin(x2)&layers=8tanh` },
    { name: "Ten sigmoid layers", hash: `data=circle&layers=${ten("4sigmoid")}` },
    { name: "Ten tanh layers", hash: `data=circle&${FAST}&layers=${ten("4tanh")}` },
    { name: "Three classes", hash: "data=gauss&classes=3&noise=0.8&layers=4tanh" },
];
