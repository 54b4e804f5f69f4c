// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: f5117f0d5ed7ae27c5612a39b8238805a288cc8f0ea5ff35d4f1122982f05409.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "crp": number
//   "asked": text, one of 2 levels: "no", "yes"
//   "name": text, of which only counts whether it is missing
//   "crp: bound": -1, 0 or 1: whether the number is a bound
//
// It gives:
//   the predicted number
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
// A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
// Its answers are those of the model to 1e-12 of the size of the answer or of the spread of the target, because the weights are float64 numbers and sums have another order.

#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "missing values are NaN, which -ffast-math and -ffinite-math-only ignore"
#endif

const char *const thalweg_number_columns[] = {
    "size", "crp", "crp: bound", NULL
};
const char *const thalweg_text_columns[] = {
    "town", "asked", "name", NULL
};
const char *const thalweg_answers[] = {
    "value", NULL
};

static const char *const around[] = {
    "\011", "\012", "\013", "\014", "\015", "\034", "\035", "\036", "\037", "\040", "\302\205",
    "\302\240", "\341\232\200", "\342\200\200", "\342\200\201", "\342\200\202", "\342\200\203",
    "\342\200\204", "\342\200\205", "\342\200\206", "\342\200\207", "\342\200\210", "\342\200\211",
    "\342\200\212", "\342\200\250", "\342\200\251", "\342\200\257", "\342\201\237", "\343\200\200",
    "\302\255", "\330\234", "\341\240\216", "\342\200\213", "\342\200\214", "\342\200\215",
    "\342\200\216", "\342\200\217", "\342\200\252", "\342\200\253", "\342\200\254", "\342\200\255",
    "\342\200\256", "\342\201\240", "\342\201\241", "\342\201\242", "\342\201\243", "\342\201\244",
    "\342\201\246", "\342\201\247", "\342\201\250", "\342\201\251", "\357\273\277",
};
static const char *const missing[] = {
    "", "\077", "n/a", "na", "nan", "null",
};
/* Where a text begins and how long it is without spaces around it; 0 for a missing one. */
static size_t stripped(const char **text) {
    const char *begin = *text;
    size_t length, again = 1;
    if (!begin) return 0;
    length = strlen(begin);
    while (again) {
        again = 0;
        for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
            const size_t n = strlen(around[k]);
            if (length >= n && !memcmp(begin, around[k], n)) {
                begin += n; length -= n; again = 1;
            }
            if (length >= n && !memcmp(begin + length - n, around[k], n)) {
                length -= n; again = 1;
            }
        }
    }
    *text = begin;
    for (size_t k = 0; k < sizeof missing / sizeof *missing; k++) {
        size_t n = 0;
        while (n < length && missing[k][n]) {
            const char sign = begin[n] >= 'A' && begin[n] <= 'Z' ? (char)(begin[n] + 32) : begin[n];
            if (sign != missing[k][n]) break;
            n++;
        }
        if (n == length && !missing[k][n]) return 0;
    }
    return length;
}
typedef struct { const char *text; int code; } level;

/* The length of the number in a text such as 3.00; 0 for any other text. */
static size_t whole_length(const char *text, size_t length) {
    size_t n = length && *text == '-', first = n;
    while (n < length && text[n] >= '0' && text[n] <= '9') n++;
    if (n == first || (text[first] == '0' && n > first + 1)) return 0;
    if (n + 1 >= length || text[n] != '.') return 0;
    for (size_t k = n + 1; k < length; k++) if (text[k] != '0') return 0;
    return n;
}

static int code_of(const char *text, size_t length, const level *levels, int n) {
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const char *other = levels[middle].text;
        const size_t size = strlen(other);
        int order = memcmp(text, other, length < size ? length : size);
        if (!order) order = (length > size) - (length < size);
        if (!order) return levels[middle].code;
        if (order < 0) high = middle; else low = middle + 1;
    }
    return -1;
}

static double level_of(const char *text, const level *levels, int n) {
    const size_t length = stripped(&text);
    int code;
    if (!length) return NAN;
    code = code_of(text, length, levels, n);
    if (code < 0 && whole_length(text, length))
        code = code_of(text, whole_length(text, length), levels, n);
    return code < 0 ? 0.0 : code;
}
static const level levels_1[] = {
    {"Bern", 1}, {"Oslo", 2}, {"Z\303\274rich", 3},
};
static const level levels_3[] = {
    {"NO", 1}, {"No", 1}, {"YES", 2}, {"Yes", 2}, {"no", 1}, {"yes", 2},
};
static double filled(const char *text) { return stripped(&text) ? 0.0 : NAN; }
static const int e0_0_column[] = {
    0,2,4,5,0,0,2,2,
};
static const double e0_0_median[] = {
    0x14333333333333p-49,0x13p-1,0.,0.,0x14333333333333p-49,0x14333333333333p-49,0x13p-1,0x13p-1,
};
static const double e0_0_start[] = {
    0x14333333333333p-49,0x13p-1,0.,0.,0xa333333333333p-49,0x14333333333333p-49,0.,0x13p-1,
};
static const double e0_0_per_unit[] = {
    0x14514514514515p-55,0x25ed097b425edp-54,0.,0x15555555555555p-53,0xccccccccccccdp-54,
    0x5555555555555p-53,0x35e50d79435e5p-53,0xccccccccccccdp-55,
};
static const double e0_0_least[] = {
    -0x5f5e1p8,-0x5f5e1p8,-0x5f5e1p8,-0x5f5e1p8,0.,0.,0.,0.,
};
static const double e0_0_most[] = {
    0x5f5e1p8,0x5f5e1p8,0x5f5e1p8,0x5f5e1p8,0x1p0,0x1p0,0x1p0,0x1p0,
};
static const double e0_0_shift[] = {
    -0x1p0,0.,-0x1p0,0.,
};
static const double e0_0_scale[] = {
    0x1p-2,0x1p-2,0x1p-2,0x1p-2,
};
static const int e0_1_column[] = {
    1,1,1,3,
};
static const double e0_1_of_missing[] = {
    0x1p2,0x1p2,0x1p2,0x3p0,
};
static const int e0_1_step[] = {
    3,3,3,1,
};
static const int e0_1_first[] = {
    0,1,2,15,
};
static const double e0_1_table[] = {
    0.,0.,-0x1e5b9d136c6d95p-53,0xd5013f82cee7p-47,0.,-0x1e5b9d136c6d95p-53,0.,0xd5013f82cee7p-47,
    -0x1e5b9d136c6d95p-53,0.,0.,0.,0.,0.,0.,0.,-0x3f2113faf5425p-51,0x3f2113faf5425p-51,0.,
};
static const int e0_2_column[] = {
    0,1,3,4,
};
typedef double w0_0_type;
static const double w0_0[] = {
    -0x119ee7897ed8f1p-58,0x8cc28935c9f7fp-53,-0x1343989b6ebc05p-54,-0x4f3278f2792f1p-51,
    -0xedfc70e4fea15p-54,0x1462b4488d5099p-55,-0x197534f5ce7d5dp-56,-0x4d80052a75629p-53,
    -0x17ed2c36fa7d03p-55,0x1a0711b1592901p-56,0x1ad2451d724593p-60,0x95577b8a6ee7bp-53,
    0x12dcc3d5850851p-56,-0x1341f78aab544bp-56,-0xfc21f7990d555p-55,0x1bf48ed8e9761p-50,
    -0x1a86701a44914bp-56,0x6601d3dfa9069p-53,0x1fea1c254e1ed5p-57,-0xda2d20d6d59ebp-56,
    -0x18234a411b3d57p-54,0x5ffcd2a4ca99p-48,0x3a656f0f726a3p-54,-0xbf24b7e8b70a9p-53,
    0x1b4b064e0aef5bp-56,-0x1eae44617f0467p-55,-0x55361142c07dfp-52,0xc38bf3c8645d5p-56,
    0x100089c283a613p-53,-0x1ffafb27a03adp-50,0x5314bf03156bp-51,-0xdebffacc72333p-56,
    0xca32e288a4bf7p-53,-0x87afae9edd8dfp-52,-0x11f560bb83b575p-56,-0x655f01125307fp-52,
    -0x536c72d5d3621p-53,0x161aa0e97c139p-51,0x2145a0811b0b5p-53,-0x1b61b6f77ec323p-54,
    0x10f4cd88fba8b3p-56,-0x15331b8d14fffp-52,-0x18b6838ca5229p-52,-0x13b71c752aeed1p-54,
    -0x130559cc0c4541p-54,-0x176c375670dd2fp-55,0x300b02ccef1a9p-52,-0x841324e629d1bp-54,
    0xa024b89dbdc09p-56,-0xe473f9155344dp-53,0x1e849ce7249097p-56,-0x16ebfac94295bbp-56,
    0xa9592673614d7p-53,0x1bf30934b3252dp-54,0x89d3077c0df7dp-60,-0x104ba327112351p-55,
    0x13d738c9f0fb2bp-56,-0x1827485dc07283p-60,0x10267bca508a07p-54,-0x19b9e2779f431p-51,
    0x1e0425c9121bb3p-57,0x129e0da27e768bp-55,0x104ba4cf14a189p-55,0x8c4df7a3a7915p-54,
};
static const double b0_0[] = {
    -0xaea9b461f7cf7p-57,-0xd70889ca9c7a9p-57,0x184859fd8afdbdp-61,0xf3a2fb99d32abp-57,
};
typedef double w0_1_type;
static const double w0_1[] = {
    0x22c19671d6c5fp-49,0x75169dcd1bdbbp-51,0x14a3a995a4a3e1p-52,0x15161697e691b3p-52,
    -0x16f38dc2e1836fp-54,0x15d3c22de2006dp-54,-0x11b55776d288efp-52,-0x9171830de37f3p-52,
    0xb4b7dfa68571bp-53,-0x10a2a97d82be15p-57,0x1252a2c29a5399p-52,0x98182abfcdbd5p-53,
};
static const double b0_1[] = {
    -0x2807bfb7d99c9p-55,0x1005c6cd831307p-57,-0x1adddc9a2c85fp-54,
};
typedef double w0_2_type;
static const double w0_2[] = {
    -0x19712332830969p-55,0x18156155342c9dp-55,-0x86676404e69f9p-53,
};
static const double b0_2[] = {
    0x1f873844c766cdp-58,
};
static const int e1_0_column[] = {
    0,2,4,5,0,0,2,2,
};
static const double e1_0_median[] = {
    0x98ccccccccccdp-48,0xdp-1,0.,0.,0x98ccccccccccdp-48,0x98ccccccccccdp-48,0xdp-1,0xdp-1,
};
static const double e1_0_start[] = {
    0x98ccccccccccdp-48,0xdp-1,0.,0.,0xf333333333333p-51,0x98ccccccccccdp-48,0.,0xdp-1,
};
static const double e1_0_per_unit[] = {
    0x15e15e15e15e17p-56,0x71c71c71c71c7p-56,0.,0x15555555555555p-53,0x10bb6610bb6611p-55,
    0x255f4c9cf6a83p-52,0x4ec4ec4ec4ec5p-53,0x4ec4ec4ec4ec5p-54,
};
static const double e1_0_least[] = {
    -0x5f5e1p8,-0x5f5e1p8,-0x5f5e1p8,-0x5f5e1p8,0.,0.,0.,0.,
};
static const double e1_0_most[] = {
    0x5f5e1p8,0x5f5e1p8,0x5f5e1p8,0x5f5e1p8,0x1p0,0x1p0,0x1p0,0x1p0,
};
static const double e1_0_shift[] = {
    -0x1p0,0.,-0x1p0,0.,
};
static const double e1_0_scale[] = {
    0x1p-2,0x1p-2,0x1p-2,0x1p-2,
};
static const int e1_1_column[] = {
    1,1,1,3,
};
static const double e1_1_of_missing[] = {
    0x1p2,0x1p2,0x1p2,0x3p0,
};
static const int e1_1_step[] = {
    3,3,3,1,
};
static const int e1_1_first[] = {
    0,1,2,15,
};
static const double e1_1_table[] = {
    0.,0.,0.,0x1e5b9d136c6d95p-53,0.,0.,0.,0xd5013f82cee7p-47,0.,0.,0.,0x1e5b9d136c6d95p-53,0.,0.,
    0.,0.,-0x3f2113faf5425p-51,0x3f2113faf5425p-51,0.,
};
static const int e1_2_column[] = {
    0,1,3,4,
};
typedef double w1_0_type;
static const double w1_0[] = {
    -0x49e3c4ee5f4adp-54,-0x28fa76f85456dp-51,-0x1b70f7eaf81d71p-55,0xc80b0386eb437p-55,
    -0x16c8e755e93a4fp-54,-0x1555a00c6f6b8fp-54,0x91c9b6dda8b49p-54,0xc172a8ea69b6bp-55,
    0x16791c7e49f6e7p-54,0x15fe18cd630c71p-60,0x374fb576044f7p-52,0x15af219cbc4cf3p-54,
    0x151f07b2bba53dp-58,-0xa35d6d175d7fdp-54,0x88022afb14833p-55,0x11a43e6cd5c717p-57,
    0xa30aaf4011841p-56,-0xd05ed85c0382dp-53,-0x1862570dd45829p-54,0x448320102c3d5p-53,
    0xa139dfb441bc5p-53,-0x17631dbb0cebf5p-53,-0x1aef81394b28d9p-54,0x17fb71c9766b47p-57,
    0x17b0acbe4c1de7p-55,-0x1c3a5adf97ce43p-56,0x116b45b78b18afp-55,-0x65134fec7560fp-53,
    0xcfe74af5f5d6bp-55,-0x97d406010a2b1p-52,0x785067236833fp-54,-0x1ad3edd678d5bbp-67,
    -0xc0408e4474fa5p-55,-0x1458f5831dd04dp-55,0x11ba6b26f4386fp-53,-0x129683bcaad843p-57,
    0x1bc123e59c3bdfp-54,0x8c18390db793bp-54,0x5539cec0aa119p-51,0x9580d783f550dp-54,
    0x1d89701ab7f4f9p-56,-0x11a7a19464ad3dp-53,-0xae85f49cd5ba9p-53,-0x7cc9a4a1f25f3p-58,
    -0x1ca81ef371b7bbp-55,0x105cda5fe63173p-53,-0x1804e8ecde88dp-55,0x10cb43db92e19fp-53,
    -0x9930fc328e067p-53,-0xc47001c20391p-50,-0x17eb3cdd4bf1a5p-60,-0x1f53aced0059c5p-60,
    0xd2bd42e754fc5p-56,-0x2f3b2cdec7031p-51,0x18235b8ebfef23p-55,-0xe422785e04409p-53,
    0x136f5ddedf8c23p-53,0x185c6b0b2e3211p-55,0x1e3b2728fd7f93p-57,0x10fffa810bb455p-55,
    0x75ccb2dafad6dp-54,-0x1a3af51c5a1115p-54,-0xb4bb6a05997cfp-54,-0x899163c7bfeb3p-56,
};
static const double b1_0[] = {
    0x1e634f56f9b46dp-58,-0xfd8dcaa71653dp-57,-0x103dd23828c6e5p-57,-0x3e4c2c25e5cabp-55,
};
typedef double w1_1_type;
static const double w1_1[] = {
    -0x1e7bc330485407p-54,0x19d0d98d6612efp-53,-0x50b297781a935p-53,0x1957be1a163b3fp-52,
    0x54c6dd047c6f7p-52,0x19dddbf7fe9761p-54,-0x13397fdc02b9cbp-53,0x19bd71889c8bp-51,
    0x1a1f949950b8e5p-53,0x97e0c994ad83bp-53,0x12533cebcf7921p-54,0x1328369b6b6577p-59,
};
static const double b1_1[] = {
    -0x1da728497137ddp-58,0x8207e473a904bp-57,-0x1009700202b69dp-57,
};
typedef double w1_2_type;
static const double w1_2[] = {
    0xa8907c91b5759p-52,-0x14b4927abf1f75p-55,-0x74ef1194c53a1p-51,
};
static const double b1_2[] = {
    0x1054c80d982b31p-57,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_link(double z) {
    return z;
}

static double f_ramp(double value, double start, double per_unit, double least, double most) {
    return smaller(larger(((value - start) * per_unit), least), most);
}

static double f_relu(double z) {
    return larger(z, 0.0);
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
    double v[6];
    for (int k = 0; k < 6; k++) v[k] = NAN;
    v[0] = x[0];
    v[2] = x[1];
    v[5] = x[2];
    v[1] = level_of(text[0], levels_1, (int)(sizeof levels_1 / sizeof *levels_1));
    v[3] = level_of(text[1], levels_3, (int)(sizeof levels_3 / sizeof *levels_3));
    v[4] = filled(text[2]);
    double odd = 0.0;
    if (fabs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs(v[2]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs(v[5]) > 1e+300) {
        odd = 1.0;
    }
    double a[16] = {0};
    double b[16] = {0};
    double z[2] = {0};
    for (int k = 0; k < 4; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (int k = 4; k < 8; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 4], e0_0_scale[k - 4]);
    }
    for (int k = 0; k < 4; k++) {
        a[8 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * (int)(((v[e0_1_column[k]] == v[e0_1_column[k]]) ? v[e0_1_column[k]] : e0_1_of_missing[k])))];
    }
    for (int k = 0; k < 4; k++) {
        a[12 + k] = (v[e0_2_column[k]] == v[e0_2_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 4; k++) b[k] = b0_0[k];
    for (int i = 0; i < 16; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_0_type *w = w0_0 + i * 4;
            for (int k = 0; k < 4; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 4; k++) b[k] = f_tanh(b[k]);
    for (int k = 0; k < 3; k++) a[k] = b0_1[k];
    for (int i = 0; i < 4; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w0_1_type *w = w0_1 + i * 3;
            for (int k = 0; k < 3; k++) a[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) a[k] = f_relu(a[k]);
    for (int k = 0; k < 1; k++) b[k] = b0_2[k];
    for (int i = 0; i < 3; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_2_type *w = w0_2 + i * 1;
            for (int k = 0; k < 1; k++) b[k] += (double)w[k] * s;
        }
    }
    z[0] = b[0];
    for (int k = 0; k < 4; k++) {
        double value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]));
    }
    for (int k = 4; k < 8; k++) {
        double value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 4], e1_0_scale[k - 4]);
    }
    for (int k = 0; k < 4; k++) {
        a[8 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * (int)(((v[e1_1_column[k]] == v[e1_1_column[k]]) ? v[e1_1_column[k]] : e1_1_of_missing[k])))];
    }
    for (int k = 0; k < 4; k++) {
        a[12 + k] = (v[e1_2_column[k]] == v[e1_2_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 4; k++) b[k] = b1_0[k];
    for (int i = 0; i < 16; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w1_0_type *w = w1_0 + i * 4;
            for (int k = 0; k < 4; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 4; k++) b[k] = f_tanh(b[k]);
    for (int k = 0; k < 3; k++) a[k] = b1_1[k];
    for (int i = 0; i < 4; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w1_1_type *w = w1_1 + i * 3;
            for (int k = 0; k < 3; k++) a[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) a[k] = f_relu(a[k]);
    for (int k = 0; k < 1; k++) b[k] = b1_2[k];
    for (int i = 0; i < 3; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w1_2_type *w = w1_2 + i * 1;
            for (int k = 0; k < 1; k++) b[k] += (double)w[k] * s;
        }
    }
    z[1] = b[0];
    p[0] = smaller(larger((5.401383462214477 + (1.5994968044510955 * f_link(z[0]))), 1.7320508075688772), 7.681145747868608);
    p[0] = p[0] + smaller(larger((5.048921335874964 + (1.9429513660442521 * f_link(z[1]))), 1.0), 7.745966692414834);
    for (int k = 0; k < 1; k++) {
        p[k] = p[k] / 2.0;
    }
    if (odd > 0.0) {
        for (int k = 0; k < 1; k++) {
            p[k] = NAN;
        }
    }
}
