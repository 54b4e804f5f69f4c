// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: 5390aeb69ad14b818ff9902ae2349e9efd3f0d92cc041775b129f3228cb36acf.
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
//   the probabilities of "high", "low", "mid", in this order, and a label: the class with the largest product of probability and cost
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
// A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
// Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

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
    "high", "low", "mid", NULL
};
const char *const thalweg_labels[] = {
    "high", "low", "mid", NULL
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
    0x13cccccccccccdp-49,0x11p-1,0.,0.,0x13cccccccccccdp-49,0x13cccccccccccdp-49,0x11p-1,0x11p-1,
};
static const double e0_0_start[] = {
    0x13cccccccccccdp-49,0x11p-1,0.,0.,0xf333333333333p-51,0x13cccccccccccdp-49,0.,0x11p-1,
};
static const double e0_0_per_unit[] = {
    0x19dbcc48676f3p-52,0x1fc07f01fc07fp-54,0.,0x15555555555555p-53,0x1p-3,0x13b13b13b13b15p-55,
    0xf0f0f0f0f0f0fp-55,0xba2e8ba2e8ba3p-55,
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
static const float e0_1_table[] = {
    0.,0.,-0xf2dce9p-24,0xf2dce9p-24,0.,-0xf2dce9p-24,0.,0x35405p-17,-0xf2dce9p-24,0.,0.,0.,0.,0.,
    0.,0.,-0xfc845p-21,0xfc845p-21,0.,
};
static const int e0_2_column[] = {
    0,1,3,4,
};
typedef float w0_0_type;
static const float w0_0[] = {
    -0x53e0a9p-23,-0x994b5fp-25,0x1cc917p-21,0xc656e3p-30,0xe0c2fbp-34,-0x1a8e4fp-24,0xe6829dp-29,
    0x27e61bp-25,0xde7871p-31,-0x2d386dp-24,-0xa1e5ebp-26,-0xc47cf9p-27,0x99621p-23,-0x667f81p-26,
    0x908b9p-23,-0x1b1cc9p-27,-0xa2d681p-26,-0x117a7dp-24,-0x44012fp-26,0x3c350bp-25,0xc55d2fp-28,
    -0xb4a827p-27,0xaae0a5p-27,0xcab64dp-30,0x17bc27p-24,0xbc8efdp-28,0x519285p-26,-0xf64d21p-28,
    -0xa6be6dp-26,0xc33e25p-27,-0x273a67p-28,0xc8325dp-28,-0x3cd669p-24,0x9acfe3p-31,-0xbe0133p-26,
    0x4ead8bp-28,-0x90cfb1p-26,-0x9397cdp-27,-0x7b74dp-24,0xdc7e5dp-29,0xaf6263p-29,0x383c8dp-27,
    -0x70c163p-26,0x44ef1dp-26,0x413b6bp-24,0x8a796dp-27,-0x46aafbp-27,0xbda11p-22,
};
static const float b0_0[] = {
    0x2a8e4dp-26,-0x77d615p-27,0xe4f91bp-27,
};
typedef float w0_1_type;
static const float w0_1[] = {
    0x16ec27p-22,0.,0x45fd59p-23,0.,-0xe51e81p-26,0.,
};
static const float b0_1[] = {
    -0x5a9117p-23,0x4861edp-22,
};
static const int e1_0_column[] = {
    0,2,4,5,0,0,2,2,
};
static const double e1_0_median[] = {
    0x13cccccccccccdp-49,0x11p-1,0.,0.,0x13cccccccccccdp-49,0x13cccccccccccdp-49,0x11p-1,0x11p-1,
};
static const double e1_0_start[] = {
    0x13cccccccccccdp-49,0x11p-1,0.,0.,0xf333333333333p-51,0x13cccccccccccdp-49,0.,0x11p-1,
};
static const double e1_0_per_unit[] = {
    0x19dbcc48676f3p-52,0x1fc07f01fc07fp-54,0.,0x15555555555555p-53,0x1p-3,0x13b13b13b13b15p-55,
    0xf0f0f0f0f0f0fp-55,0xba2e8ba2e8ba3p-55,
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
static const float e1_1_table[] = {
    0.,0.,-0xf2dce9p-24,0xf2dce9p-24,0.,-0xf2dce9p-24,0.,0x35405p-17,-0xf2dce9p-24,0.,0.,0.,0.,0.,
    0.,0.,-0xfc845p-21,0xfc845p-21,0.,
};
static const int e1_2_column[] = {
    0,1,3,4,
};
typedef float w1_0_type;
static const float w1_0[] = {
    0xab75fp-24,-0x1c253fp-28,-0xc004dp-26,0x8a02ebp-26,0x533ebbp-27,0xe883ffp-26,-0xb6ee93p-27,
    -0xa8ce99p-27,-0xec3fd5p-27,0x9b1921p-27,-0x9d735p-21,0x4e216fp-27,-0x1e1097p-24,0x5233f3p-25,
    -0xa62173p-26,-0xae51abp-26,-0x811f73p-24,-0x89fb3bp-24,-0x93516fp-29,0xda99bdp-27,
    -0x692c6fp-27,0xbb43cbp-28,0xc67ecfp-28,0x176f47p-23,0x835ff9p-26,0x5198ddp-24,-0xc4ec9p-22,
    0x87d4d3p-27,0x9b175fp-27,-0x318a09p-25,0x72ed41p-27,-0xc6ee7p-24,-0xb583e9p-25,0x4a5be5p-27,
    0xb1f161p-26,0x6f06bfp-27,-0x9ea1a3p-28,-0x443d3p-20,-0xb215d3p-27,0xe3ea03p-28,0xd798e5p-29,
    -0x8ade57p-26,0x957c45p-28,0xf2af93p-27,-0x563899p-24,-0xeffd1fp-28,-0x2475d9p-26,
    -0x611395p-29,
};
static const float b1_0[] = {
    0x893211p-29,-0xc7959p-24,-0xb2510dp-29,
};
typedef float w1_1_type;
static const float w1_1[] = {
    -0x63e97p-20,0.,0x5a42f7p-23,0.,0x4bb8ffp-22,0.,
};
static const float b1_1[] = {
    -0x2db3b3p-22,0x8655cdp-23,
};
static const double costs[] = {
    0x1p0,0x1p0,0x1p0,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_link(double z) {
    double t3 = exp((-fabs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
}

static double f_ramp(double value, double start, double per_unit, double least, double most) {
    return smaller(larger(((value - start) * per_unit), least), most);
}

static double f_risen(double below, double z) {
    return below + (larger(z, 0.0) + log1p(exp((-fabs(z)))));
}

static double f_silu(double z) {
    double t4 = -smaller(fabs(z), 800.0);
    double t5 = exp(t4);
    return ((z < 0.0) ? (t4 * t5) : z) / (1.0 + t5);
}

static double f_smooth(double third) {
    return (third / sqrt((1.0 + (third * third)))) * 3.0;
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
    double z[4] = {0};
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
    for (int k = 0; k < 3; k++) b[k] = b0_0[k];
    for (int i = 0; i < 16; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_0_type *w = w0_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_silu(b[k]);
    for (int k = 0; k < 2; k++) a[k] = b0_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w0_1_type *w = w0_1 + i * 2;
            for (int k = 0; k < 2; k++) a[k] += (double)w[k] * s;
        }
    }
    z[0] = a[0];
    z[1] = a[1];
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
    for (int k = 0; k < 3; k++) b[k] = b1_0[k];
    for (int i = 0; i < 16; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w1_0_type *w = w1_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_silu(b[k]);
    for (int k = 0; k < 2; k++) a[k] = b1_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w1_1_type *w = w1_1 + i * 2;
            for (int k = 0; k < 2; k++) a[k] += (double)w[k] * s;
        }
    }
    z[2] = a[0];
    z[3] = a[1];
    double c0_0 = z[0];
    double c0_1 = f_risen(c0_0, z[1]);
    double c1_0 = z[2];
    double c1_1 = f_risen(c1_0, z[3]);
    p[0] = f_link(-c0_1);
    p[1] = f_link(c0_0);
    p[2] = (f_link(c0_1) * f_link(z[1])) * f_link(-c0_0);
    p[0] = p[0] + f_link(-c1_1);
    p[1] = p[1] + f_link(c1_0);
    p[2] = p[2] + ((f_link(c1_1) * f_link(z[3])) * f_link(-c1_0));
    for (int k = 0; k < 3; k++) {
        p[k] = p[k] / 2.0;
    }
    if (odd > 0.0) {
        for (int k = 0; k < 3; k++) {
            p[k] = NAN;
        }
    }
}

int thalweg_label(const double *p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    double best = p[0] * costs[0];
    double place = 0.0;
    for (int k = 1; k < 3; k++) {
        if ((p[k] * costs[k]) > best) {
            best = p[k] * costs[k];
            place = k + 0.0;
        }
    }
    return (int)(place);
}
