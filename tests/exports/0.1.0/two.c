// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: bef0a3fc163b001577543aca5971fa6d9a96daafb8721ffad8245348d731b244.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "seen": days since 1970-01-01
//   "kept": 1, 0 or NaN
//
// It gives:
//   the probabilities of "no", "yes", in this order, and a label: "yes" if its probability is above 0.25
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
// Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.

#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "missing values are NaN, which -ffast-math and -ffinite-math-only ignore"
#endif

const char *const thalweg_number_columns[] = {
    "size", "seen", "kept", NULL
};
const char *const thalweg_text_columns[] = {
    "town", NULL
};
const char *const thalweg_answers[] = {
    "no", "yes", NULL
};
const char *const thalweg_labels[] = {
    "no", "yes", NULL
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
static const int e0_0_column[] = {
    0, 2, 3, 0, 0, 2, 2,
};
static const double e0_0_median[] = {
    0x1.399999999999ap+3, 0x1.3a2ap+14, 0x0p+0, 0x1.399999999999ap+3, 0x1.399999999999ap+3,
    0x1.3a2ap+14, 0x1.3a2ap+14,
};
static const double e0_0_start[] = {
    0x1.399999999999ap+3, 0x1.3a2ap+14, 0x0p+0, 0x1.1333333333333p+2, 0x1.399999999999ap+3,
    0x1.3484p+14, 0x1.3a2ap+14,
};
static const double e0_0_per_unit[] = {
    0x1.6c16c16c16c17p-4, 0x1.f1e63ad57473cp-11, 0x1.5555555555555p-2, 0x1.745d1745d1745p-3,
    0x1.4514514514514p-3, 0x1.6a94016a94017p-9, 0x1.ff801ff801ff8p-10,
};
static const double e0_0_least[] = {
    -0x1.7d784p+26, -0x1.7d784p+26, -0x1.7d784p+26, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0,
};
static const double e0_0_most[] = {
    0x1.7d784p+26, 0x1.7d784p+26, 0x1.7d784p+26, 0x1p+0, 0x1p+0, 0x1p+0, 0x1p+0,
};
static const double e0_0_shift[] = {
    -0x1p+0, 0x0p+0, -0x1p+0, 0x0p+0,
};
static const double e0_0_scale[] = {
    0x1p-2, 0x1p-2, 0x1p-2, 0x1p-2,
};
static const int e0_1_column[] = {
    1, 1, 1,
};
static const double e0_1_of_missing[] = {
    0x1p+2, 0x1p+2, 0x1p+2,
};
static const int e0_1_step[] = {
    3, 3, 3,
};
static const int e0_1_first[] = {
    0, 1, 2,
};
static const float e0_1_table[] = {
    0x0p+0f, 0x0p+0f, 0x0p+0f, 0x1.e5b9d2p-1f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x1.e5b9d2p-1f, 0x0p+0f,
    0x0p+0f, 0x0p+0f, 0x1.e5b9d2p-1f, 0x0p+0f, 0x0p+0f, 0x0p+0f,
};
static const int e0_3_column[] = {
    0, 1,
};
typedef float w0_0_type;
static const float w0_0[] = {
    0x1.3f951cp-5f, 0x1.9235a4p-1f, -0x1.66cc5ep-6f, -0x1.960c44p-3f, -0x1.4e6594p-3f,
    0x1.902eaap-4f, -0x1.30b564p-3f, -0x1.5ea956p-2f, 0x1.0d327cp-3f, 0x1.3423a6p-4f,
    -0x1.702188p-2f, 0x1.ea12ap-5f, -0x1.0a3ac6p-4f, 0x1.11c89ap-2f, 0x1.eceddap-3f,
    -0x1.f82898p-3f, -0x1.438fbcp-4f, 0x1.659846p-5f, 0x1.d08a5p-5f, -0x1.10226p-5f,
    -0x1.f4b0bep-3f, 0x1.a4ad62p-2f, -0x1.2ea01p-2f, -0x1.651244p-4f, 0x1.079204p-2f,
    0x1.346ff4p-2f, 0x1.79c22p-3f, -0x1.c883f2p-3f, 0x1.7c1ebap-5f, 0x1.c79002p-1f, 0x1.6e1afcp-3f,
    0x1.72eb88p-2f, 0x1.70ac9ep-5f, -0x1.6eda5p-4f, -0x1.099d56p-3f, -0x1.239688p-2f,
    0x1.720706p-7f, -0x1.1a7836p-5f, 0x1.1c4592p-3f, 0x1.ff016ap-2f, 0x1.44e1d8p-4f,
    -0x1.d7f88ep-3f, 0x1.cfe4e6p-5f, -0x1.43bb72p-3f, -0x1.6dea4p-1f, 0x1.0e238ap-6f,
    -0x1.5e0d22p-8f, -0x1.2ae70cp-2f, 0x1.7b00f4p-2f, 0x1.6cc29ap-3f, -0x1.e0ef14p-2f,
    0x1.3a8416p-3f, -0x1.d43206p-2f, -0x1.8602dcp-6f, 0x1.3bd052p-2f, 0x1.a3a6dp-3f,
    -0x1.d7d8c6p-4f, -0x1.0b7604p-5f, -0x1.f834acp-6f, -0x1.206606p-4f, 0x1.7a43c4p-4f,
    0x1.afce24p-8f, -0x1.ed2384p-4f,
};
static const float b0_0[] = {
    0x1.fa6554p-5f, 0x1.1dc406p-4f, 0x1.b2a816p-5f,
};
typedef float w0_1_type;
static const float w0_1[] = {
    0x1.2763a4p-1f, 0x1.4ad6eep+0f, 0x1.7dd14p+0f,
};
static const float b0_1[] = {
    0x1.1a14e2p-4f,
};
static const int e1_0_column[] = {
    0, 2, 3, 0, 0, 2, 2,
};
static const double e1_0_median[] = {
    0x1.3cccccccccccdp+3, 0x1.3ae6p+14, 0x1p+0, 0x1.3cccccccccccdp+3, 0x1.3cccccccccccdp+3,
    0x1.3ae6p+14, 0x1.3ae6p+14,
};
static const double e1_0_start[] = {
    0x1.3cccccccccccdp+3, 0x1.3ae6p+14, 0x1p+0, 0x1.e666666666666p+0, 0x1.3cccccccccccdp+3,
    0x1.344p+14, 0x1.3ae6p+14,
};
static const double e1_0_per_unit[] = {
    0x1.d6cdfa1d6cdf9p-4, 0x1.5fa298cf68e83p-11, 0x1.5555555555555p-2, 0x1p-3, 0x1.3b13b13b13b15p-3,
    0x1.340ad461776d3p-9, 0x1.2ae8f087718dp-9,
};
static const double e1_0_least[] = {
    -0x1.7d784p+26, -0x1.7d784p+26, -0x1.7d784p+26, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0,
};
static const double e1_0_most[] = {
    0x1.7d784p+26, 0x1.7d784p+26, 0x1.7d784p+26, 0x1p+0, 0x1p+0, 0x1p+0, 0x1p+0,
};
static const double e1_0_shift[] = {
    -0x1p+0, 0x0p+0, -0x1p+0, 0x0p+0,
};
static const double e1_0_scale[] = {
    0x1p-2, 0x1p-2, 0x1p-2, 0x1p-2,
};
static const int e1_1_column[] = {
    1, 1, 1,
};
static const double e1_1_of_missing[] = {
    0x1p+2, 0x1p+2, 0x1p+2,
};
static const int e1_1_step[] = {
    3, 3, 3,
};
static const int e1_1_first[] = {
    0, 1, 2,
};
static const float e1_1_table[] = {
    0x0p+0f, 0x0p+0f, -0x1.e5b9d2p-1f, 0x1.e5b9d2p-1f, 0x0p+0f, -0x1.e5b9d2p-1f, 0x0p+0f,
    0x1.aa028p+0f, -0x1.e5b9d2p-1f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f,
};
static const int e1_3_column[] = {
    0, 1,
};
typedef float w1_0_type;
static const float w1_0[] = {
    -0x1.ae7294p-7f, -0x1.82e454p-2f, -0x1.3d1742p-3f, -0x1.31bda4p-2f, -0x1.240dcp-4f,
    -0x1.53ad0cp-4f, 0x1.03752p-2f, -0x1.b4d0f4p-2f, -0x1.eed4fp-6f, -0x1.c0e392p-9f,
    -0x1.24ca6ap-2f, 0x1.18b31p-2f, -0x1.6c217p-7f, 0x1.13c45ep-3f, 0x1.67d744p-3f, 0x1.dfda5ep-4f,
    -0x1.2a8e46p-2f, -0x1.967c72p-3f, 0x1.be7776p-4f, 0x1.68940ep-2f, 0x1.68f0ap-7f, 0x1.f558c2p-6f,
    -0x1.21ee6ep-2f, 0x1.a6ea28p-3f, -0x1.77555cp-5f, -0x1.ebfa48p-4f, 0x1.be3e6ep-3f,
    0x1.02d248p-2f, 0x1.f3a9d2p-4f, -0x1.a2c926p-6f, 0x1.663178p-4f, -0x1.2b630ep-1f, 0x1.2b8ep-2f,
    -0x1.13bda6p-3f, -0x1.8dfb12p-5f, 0x1.76cbcep-5f, -0x1.ba2af4p-3f, 0x1.6ead24p-4f,
    -0x1.70365p-3f, 0x1.80c22cp-6f, 0x1.21746p-3f, -0x1.df55bp-7f, 0x1.8b029ep-2f, 0x1.a56ed4p-4f,
    -0x1.9e698ap-5f, 0x1.c278d8p-4f, -0x1.553fe4p-1f, 0x1.3a1af2p-2f, -0x1.bc7592p-3f,
    -0x1.d2044ep-2f, 0x1.f13c08p-4f, -0x1.814612p-3f, 0x1.3935fp-3f, 0x1.78d5dcp-2f,
    -0x1.f9289ep-8f, 0x1.5f0242p-2f, -0x1.1ee01cp-4f, -0x1.660296p-4f, 0x1.80555ep-2f,
    -0x1.8bb99ap-3f, -0x1.0e2734p-2f, 0x1.dc49eep-2f, 0x1.36630ap-3f,
};
static const float b1_0[] = {
    -0x1.2af5ep-6f, -0x1.e0bfa8p-5f, 0x1.1c8cccp-4f,
};
typedef float w1_1_type;
static const float w1_1[] = {
    0x1.944606p-5f, -0x1.0dead6p-1f, 0x1.cd290ap+0f,
};
static const float b1_1[] = {
    0x1.191ab2p-4f,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_joined_others(double top, double others, double z) {
    return (others * exp((top - larger(top, z)))) + exp((-fabs((z - top))));
}

static double f_joined_top(double top, double z) {
    return larger(top, z);
}

static double f_link(double z) {
    double t3 = exp((-fabs(z)));
    return ((z < 0.0) ? t3 : 1.0) / (1.0 + t3);
}

static double f_log_of_sum(double top, double others) {
    return top + log1p(others);
}

static double f_minus_log_likely(double z) {
    return (larger(z, 0.0) - (1.0 * z)) + log1p(exp((-fabs(z))));
}

static double f_minus_log_unlikely(double z) {
    return (larger(z, 0.0) - (0.0 * z)) + log1p(exp((-fabs(z))));
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

static double f_weekday_mark(double days, double weekday) {
    double t4 = floor(days) + 3.0;
    return ((t4 - (7.0 * floor((t4 / 7.0)))) == weekday) ? 1.6641005886756874 : 0.0;
}

static double f_within_years(double days) {
    return smaller(larger(days, (-719162.0)), 2932897.0);
}

static double f_year_cosine(double days) {
    return cos((0.017202777078734226 * (days - 10957.0)));
}

static double f_year_sine(double days) {
    return sin((0.017202777078734226 * (days - 10957.0)));
}

/* x: the numbers of thalweg_number_columns, NaN if missing. text: those of
   thalweg_text_columns in UTF-8, NULL if missing. p: room for all thalweg_answers. */
void thalweg_predict(const double *x, const char *const *text, double *p) {
    double v[4];
    for (int k = 0; k < 4; k++) v[k] = NAN;
    v[0] = x[0];
    v[2] = x[1];
    v[3] = x[2];
    v[1] = level_of(text[0], levels_1, (int)(sizeof levels_1 / sizeof *levels_1));
    double odd = 0.0;
    if (fabs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs(v[2]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs((v[3] * (v[3] - 1.0))) > 0.0) {
        odd = 1.0;
    }
    double a[21] = {0};
    double b[21] = {0};
    double z[2] = {0};
    for (int k = 0; k < 3; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (int k = 3; k < 7; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 3], e0_0_scale[k - 3]);
    }
    for (int k = 0; k < 3; k++) {
        a[7 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * (int)(((v[e0_1_column[k]] == v[e0_1_column[k]]) ? v[e0_1_column[k]] : e0_1_of_missing[k])))];
    }
    a[10] = (v[2] == v[2]) ? f_year_sine(f_within_years(v[2])) : 0.0;
    a[11] = (v[2] == v[2]) ? f_year_cosine(f_within_years(v[2])) : 0.0;
    a[12] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 0.0) : 0.0;
    a[13] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 1.0) : 0.0;
    a[14] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 2.0) : 0.0;
    a[15] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 3.0) : 0.0;
    a[16] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 4.0) : 0.0;
    a[17] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 5.0) : 0.0;
    a[18] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 6.0) : 0.0;
    for (int k = 0; k < 2; k++) {
        a[19 + k] = (v[e0_3_column[k]] == v[e0_3_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 3; k++) b[k] = b0_0[k];
    for (int i = 0; i < 21; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_0_type *w = w0_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_relu(b[k]);
    for (int k = 0; k < 1; k++) a[k] = b0_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w0_1_type *w = w0_1 + i * 1;
            for (int k = 0; k < 1; k++) a[k] += (double)w[k] * s;
        }
    }
    z[0] = a[0] - 1.0986122886681098;
    for (int k = 0; k < 3; k++) {
        double value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_smooth(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]));
    }
    for (int k = 3; k < 7; k++) {
        double value = (v[e1_0_column[k]] == v[e1_0_column[k]]) ? v[e1_0_column[k]] : e1_0_median[k];
        a[k] = f_from_median(f_ramp(value, e1_0_start[k], e1_0_per_unit[k], e1_0_least[k], e1_0_most[k]), e1_0_shift[k - 3], e1_0_scale[k - 3]);
    }
    for (int k = 0; k < 3; k++) {
        a[7 + k] = e1_1_table[e1_1_first[k] + (e1_1_step[k] * (int)(((v[e1_1_column[k]] == v[e1_1_column[k]]) ? v[e1_1_column[k]] : e1_1_of_missing[k])))];
    }
    a[10] = (v[2] == v[2]) ? f_year_sine(f_within_years(v[2])) : 0.0;
    a[11] = (v[2] == v[2]) ? f_year_cosine(f_within_years(v[2])) : 0.0;
    a[12] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 0.0) : 0.0;
    a[13] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 1.0) : 0.0;
    a[14] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 2.0) : 0.0;
    a[15] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 3.0) : 0.0;
    a[16] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 4.0) : 0.0;
    a[17] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 5.0) : 0.0;
    a[18] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 6.0) : 0.0;
    for (int k = 0; k < 2; k++) {
        a[19 + k] = (v[e1_3_column[k]] == v[e1_3_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 3; k++) b[k] = b1_0[k];
    for (int i = 0; i < 21; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w1_0_type *w = w1_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_relu(b[k]);
    for (int k = 0; k < 1; k++) a[k] = b1_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w1_1_type *w = w1_1 + i * 1;
            for (int k = 0; k < 1; k++) a[k] += (double)w[k] * s;
        }
    }
    z[1] = a[0] - 1.0986122886681098;
    double minus_log_likely_sum_top = -f_minus_log_likely(z[0]);
    double minus_log_likely_sum_others = 0.0;
    minus_log_likely_sum_others = f_joined_others(minus_log_likely_sum_top, minus_log_likely_sum_others, -f_minus_log_likely(z[1]));
    minus_log_likely_sum_top = f_joined_top(minus_log_likely_sum_top, -f_minus_log_likely(z[1]));
    double minus_log_likely_sum = f_log_of_sum(minus_log_likely_sum_top, minus_log_likely_sum_others);
    double minus_log_unlikely_sum_top = -f_minus_log_unlikely(z[0]);
    double minus_log_unlikely_sum_others = 0.0;
    minus_log_unlikely_sum_others = f_joined_others(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others, -f_minus_log_unlikely(z[1]));
    minus_log_unlikely_sum_top = f_joined_top(minus_log_unlikely_sum_top, -f_minus_log_unlikely(z[1]));
    double minus_log_unlikely_sum = f_log_of_sum(minus_log_unlikely_sum_top, minus_log_unlikely_sum_others);
    double moved = 0.3751981704993573 + (0.13242520847593037 * (minus_log_likely_sum - minus_log_unlikely_sum));
    p[0] = f_link(-moved);
    p[1] = f_link(moved);
    if (odd > 0.0) {
        for (int k = 0; k < 2; k++) {
            p[k] = NAN;
        }
    }
}

int thalweg_label(const double *p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    if (p[1] > 0.25) {
        return 1;
    }
    return 0;
}
