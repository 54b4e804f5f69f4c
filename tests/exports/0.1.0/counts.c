// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: 6770cc07609be08f0eba87724aeb679f39fd4ddde5654045be165cd342d4f438.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "kept": 1, 0 or NaN
//   "years": number, the offset or exposure of the row
//
// It gives:
//   the predicted number
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.

#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "missing values are NaN, which -ffast-math and -ffinite-math-only ignore"
#endif

const char *const thalweg_number_columns[] = {
    "size", "kept", "years", NULL
};
const char *const thalweg_text_columns[] = {
    NULL
};
const char *const thalweg_answers[] = {
    "value", NULL
};

static const int e0_0_column[] = {
    0, 1, 0, 0,
};
static const double e0_0_median[] = {
    0x1.3666666666666p+3, 0x0p+0, 0x1.3666666666666p+3, 0x1.3666666666666p+3,
};
static const double e0_0_start[] = {
    0x1.3666666666666p+3, 0x0p+0, 0x1.e666666666666p+0, 0x1.3666666666666p+3,
};
static const double e0_0_per_unit[] = {
    0x1.aaaaaaaaaaaabp-4, 0x1.5555555555555p-2, 0x1.0690690690691p-3, 0x1.31abf0b7672a1p-3,
};
static const double e0_0_least[] = {
    -0x1.7d784p+26, -0x1.7d784p+26, 0x0p+0, 0x0p+0,
};
static const double e0_0_most[] = {
    0x1.7d784p+26, 0x1.7d784p+26, 0x1p+0, 0x1p+0,
};
static const double e0_0_shift[] = {
    -0x1p+0, 0x0p+0,
};
static const double e0_0_scale[] = {
    0x1p-2, 0x1p-2,
};
static const int e0_1_column[] = {
    0,
};
typedef float w0_0_type;
static const float w0_0[] = {
    -0x1.6ad5e6p-4f, -0x1.3ad4c6p-8f, 0x1.81b788p-7f, -0x1.427768p-6f, -0x1.c8898ep-4f,
    0x1.880f04p-7f, 0x1.525c8p-4f, -0x1.0b90e4p-3f, -0x1.b13b06p-3f, -0x1.f8137ap-3f,
    0x1.f202a4p-4f, -0x1.1300dep-7f, 0x1.f80d58p-4f, -0x1.e21182p-4f, -0x1.07e992p-3f,
};
static const float b0_0[] = {
    -0x1.8ecd1ep-5f, 0x1.547d2p-6f, 0x1.ba9b8p-5f,
};
typedef float w0_1_type;
static const float w0_1[] = {
    0x1.f50dd2p-5f, -0x1.81b8aap-6f, 0x1.43dc46p-5f,
};
static const float b0_1[] = {
    -0x1.68540cp-6f,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_link(double z) {
    return exp(z);
}

static double f_ramp(double value, double start, double per_unit, double least, double most) {
    return smaller(larger(((value - start) * per_unit), least), most);
}

static double f_smooth(double third) {
    return (third / sqrt((1.0 + (third * third)))) * 3.0;
}

static double f_tanh(double z) {
    double t6 = expm1(((-2.0) * smaller(fabs(z), 50.0)));
    double t9 = t6 / (t6 + 2.0);
    return (z < 0.0) ? t9 : (-t9);
}

/* x: the numbers of thalweg_number_columns, NaN if missing. text: those of
   thalweg_text_columns in UTF-8, NULL if missing. p: room for all thalweg_answers. */
void thalweg_predict(const double *x, const char *const *text, double *p) {
    double v[3];
    for (int k = 0; k < 3; k++) v[k] = NAN;
    (void)text;
    v[0] = x[0];
    v[1] = x[1];
    v[2] = x[2];
    double odd = 0.0;
    if (fabs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs((v[1] * (v[1] - 1.0))) > 0.0) {
        odd = 1.0;
    }
    double a[5] = {0};
    double b[5] = {0};
    double z[1] = {0};
    for (int k = 0; k < 2; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (int k = 2; k < 4; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 2], e0_0_scale[k - 2]);
    }
    for (int k = 0; k < 1; k++) {
        a[4 + k] = (v[e0_1_column[k]] == v[e0_1_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 3; k++) b[k] = b0_0[k];
    for (int i = 0; i < 5; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_0_type *w = w0_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_tanh(b[k]);
    for (int k = 0; k < 1; k++) a[k] = b0_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w0_1_type *w = w0_1 + i * 1;
            for (int k = 0; k < 1; k++) a[k] += (double)w[k] * s;
        }
    }
    z[0] = a[0];
    p[0] = smaller(larger((0.0 + (2.0800000000172156 * f_link(z[0]))), 0.0), 9.51612903552543);
    if (((v[2] >= 1.3838965267367376e-87) * (v[2] <= 7.225973768125749e+86)) == 0.0) {
        odd = 1.0;
    }
    for (int k = 0; k < 1; k++) {
        p[k] = p[k] * v[2];
    }
    if (odd > 0.0) {
        for (int k = 0; k < 1; k++) {
            p[k] = NAN;
        }
    }
}
