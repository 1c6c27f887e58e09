/** Settings of the course's chapter "In the playground", each a link; a test holds the chapter's links equal to these. */
export const LESSONS = [
  { name: "XOR, no hidden layer", hash: "data=xor&layers=" },
  { name: "XOR, one hidden layer", hash: "data=xor&layers=4tanh" },
  { name: "x₁ x₂ as a feature", hash: "data=xor&features=x1,x2,x1*x2&layers=" },
  { name: "The spiral", hash: "data=spiral&optimizer=adam&learning_rate=0.01&layers=8relu-8relu" },
  { name: "The spiral, with features", hash: "data=spiral&optimizer=adam&learning_rate=0.01&features=x1,x2,sin(x1),sin(x2)&layers=8relu" },
  { name: "Ten sigmoid layers", hash: `data=circle&layers=${Array(10).fill("4sigmoid").join("-")}` },
  { name: "Ten relu layers", hash: `data=circle&optimizer=adam&learning_rate=0.01&initializer=he_normal&layers=${Array(10).fill("4relu").join("-")}` },
  { name: "Three classes", hash: "data=spiral&classes=3&optimizer=adam&learning_rate=0.01&layers=8tanh-8tanh" },
];
