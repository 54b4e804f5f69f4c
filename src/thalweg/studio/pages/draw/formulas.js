// The formulas of the model, written by thalweg from their bodies in Python.

export const FORMULAS = {
  elu(z) {
    return Math.max(z, 0.0) + Math.expm1(Math.min(z, 0.0));
  },
  elu_slope(z) {
    return Math.exp(Math.min(z, 0.0));
  },
  from_median(share, shift, scale) {
    return (share + shift) * scale;
  },
  gelu(z) {
    const t3 = Math.min(Math.abs(z), 100.0);
    const t12 = Math.exp((((-1.5957691216057308) * t3) * (1.0 + ((0.044715 * t3) * t3))));
    return ((z < 0.0) ? ((-t3) * t12) : z) / (1.0 + t12);
  },
  gelu_slope(z) {
    const t3 = Math.min(Math.abs(z), 100.0);
    const t12 = Math.exp((((-1.5957691216057308) * t3) * (1.0 + ((0.044715 * t3) * t3))));
    const t19 = (1.5957691216057308 * t3) * (1.0 + ((0.134145 * t3) * t3));
    const t22 = 1.0 + t12;
    return ((z < 0.0) ? (t12 * (t22 - t19)) : (t22 + (t19 * t12))) / (t22 * t22);
  },
  identity(z) {
    return z;
  },
  identity_slope(z) {
    return (z === z) ? 1.0 : z;
  },
  leaky_relu(z) {
    return Math.max(z, (0.01 * z));
  },
  leaky_relu_slope(z) {
    return (z > 0.0) ? 1.0 : ((z === z) ? 0.01 : z);
  },
  mish(z) {
    const t4 = -Math.min(Math.abs(z), 800.0);
    const t5 = Math.exp(t4);
    const t7 = z < 0.0;
    const t17 = 1.0 + t5;
    return (t7 ? ((t4 * t5) * (t5 + 2.0)) : (z * (1.0 + (2.0 * t5)))) / ((t17 * t17) + (t7 ? 1.0 : (t5 * t5)));
  },
  mish_slope(z) {
    const t3 = Math.min(Math.abs(z), 800.0);
    const t5 = Math.exp((-t3));
    const t7 = 1.0 + t5;
    const t10 = z < 0.0;
    const t13 = (t7 * t7) + (t10 ? 1.0 : (t5 * t5));
    const t17 = ((4.0 * t3) * t5) * t7;
    return (t10 ? (((t5 * (t5 + 2.0)) * t13) - t17) : (((1.0 + (2.0 * t5)) * t13) + (t17 * t5))) / (t13 * t13);
  },
  ramp(value, start, per_unit, least, most) {
    return Math.min(Math.max(((value - start) * per_unit), least), most);
  },
  relu(z) {
    return Math.max(z, 0.0);
  },
  relu_second(z) {
    return (z === z) ? 0.0 : z;
  },
  relu_slope(z) {
    return (z > 0.0) ? 1.0 : ((z === z) ? 0.0 : z);
  },
  relu_third(z) {
    return (z === z) ? 0.0 : z;
  },
  selu(z) {
    return (1.0507009873554805 * Math.max(z, 0.0)) + (1.7580993408473768 * Math.expm1(Math.min(z, 0.0)));
  },
  selu_slope(z) {
    return (z > 0.0) ? 1.0507009873554805 : (1.7580993408473768 * Math.exp(Math.min(z, 0.0)));
  },
  sigmoid(z) {
    const t3 = Math.exp((-Math.abs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
  },
  sigmoid_second(z) {
    const t3 = Math.exp((-Math.abs(z)));
    const t5 = 1.0 + t3;
    return (t3 / (t5 * t5)) * (1.0 - (2.0 * (((z < 0.0) ? t3 : 1.0) / t5)));
  },
  sigmoid_slope(z) {
    const t3 = Math.exp((-Math.abs(z)));
    const t5 = 1.0 + t3;
    return t3 / (t5 * t5);
  },
  sigmoid_third(z) {
    const t3 = Math.exp((-Math.abs(z)));
    const t5 = 1.0 + t3;
    const t7 = t3 / (t5 * t5);
    return t7 * (1.0 - (6.0 * t7));
  },
  silu(z) {
    const t4 = -Math.min(Math.abs(z), 800.0);
    const t5 = Math.exp(t4);
    return ((z < 0.0) ? (t4 * t5) : z) / (1.0 + t5);
  },
  silu_slope(z) {
    const t3 = Math.min(Math.abs(z), 800.0);
    const t5 = Math.exp((-t3));
    const t9 = 1.0 + t5;
    return ((z < 0.0) ? (t5 * (t9 - t3)) : (t9 + (t3 * t5))) / (t9 * t9);
  },
  smooth(third) {
    return (third / Math.sqrt((1.0 + (third * third)))) * 3.0;
  },
  softplus(z) {
    return Math.max(z, 0.0) + Math.log1p(Math.exp((-Math.abs(z))));
  },
  softplus_slope(z) {
    const t3 = Math.exp((-Math.abs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
  },
  square(z) {
    return z * z;
  },
  square_second(z) {
    return (z === z) ? 2.0 : z;
  },
  square_slope(z) {
    return 2.0 * z;
  },
  square_third(z) {
    return (z === z) ? 0.0 : z;
  },
  tanh(z) {
    const t6 = Math.expm1(((-2.0) * Math.min(Math.abs(z), 50.0)));
    const t9 = t6 / (t6 + 2.0);
    return (z < 0.0) ? t9 : (-t9);
  },
  tanh_slope(z) {
    const t6 = Math.exp(((-2.0) * Math.min(Math.abs(z), 400.0)));
    const t10 = 1.0 + t6;
    return (4.0 * t6) / (t10 * t10);
  },
};

const LOSSES = {
  sigmoid_cross_entropy: {
  link(z) {
    const t3 = Math.exp((-Math.abs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
  },
  link_slope(z) {
    const t3 = Math.exp((-Math.abs(z)));
    const t5 = 1.0 + t3;
    return t3 / (t5 * t5);
  },
  loss(z, y) {
    return (Math.max(z, 0.0) - (y * z)) + Math.log1p(Math.exp((-Math.abs(z))));
  },
  loss_slope(z, y) {
    const t4 = Math.exp((-Math.abs(z)));
    return (((z < 0.0) ? t4 : 1.0) / (1.0 + t4)) - y;
  },
  },
  softmax_cross_entropy: {
  joined(top, others, z) {
    const t3 = Math.max(top, z);
    return [t3, (others * Math.exp((top - t3))) + Math.exp((-Math.abs((z - top))))];
  },
  link(z, others) {
    return Math.exp(z) / (1.0 + others);
  },
  loss(z, y, others) {
    return y * (Math.log1p(others) - z);
  },
  loss_slope(z, y, others) {
    return (Math.exp(z) / (1.0 + others)) - y;
  },
  },
  squared_error: {
  link(z) {
    return z;
  },
  link_slope(z) {
    return (z === z) ? 1.0 : z;
  },
  loss(z, y) {
    const t2 = z - y;
    return (0.5 * t2) * t2;
  },
  loss_slope(z, y) {
    return z - y;
  },
  },
};

/** Take the formulas of a loss, by its name. */
export function takeLoss(name) {
  const keys = Object.values(LOSSES).flatMap((each) => Object.keys(each));
  for (const key of keys) delete FORMULAS[key];
  Object.assign(FORMULAS, LOSSES[name], { own_loss: name });
}
