-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: f5117f0d5ed7ae27c5612a39b8238805a288cc8f0ea5ff35d4f1122982f05409.
-- This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
--
-- It takes:
--   "size": number
--   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
--   "crp": number
--   "asked": text, one of 2 levels: "no", "yes"
--   "name": text, of which only counts whether it is missing
--   "crp: bound": -1, 0 or 1: whether the number is a bound
--
-- It gives:
--   the predicted number
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
-- A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
-- A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
-- A level that the model does not know counts as some other, rare level.
-- A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
-- Its answers are those of the model to 1e-12 of the size of the answer or of the spread of the target, because the weights are float64 numbers and sums have another order.
--
-- The rows are those of the table thalweg_rows: rename it here, or make a view of this name.
-- A missing value is NULL, and a column of numbers holds numbers: in SQLite an empty text would count as 0. Without an answer, prediction and probabilities are NULL.
WITH thalweg_around AS (SELECT '	
                  　­؜᠎​‌‍‎‏‪‫‬‭‮⁠⁡⁢⁣⁤⁦⁧⁨⁩﻿' AS signs)
, thalweg_source AS MATERIALIZED (
  SELECT *, row_number() OVER () AS thalweg_row FROM thalweg_rows
)
, thalweg_0 AS MATERIALIZED (
  SELECT thalweg_row,
    CAST("size" AS DOUBLE PRECISION) AS v0,
    CASE WHEN "town" IS NULL OR lower(trim(CAST("town" AS VARCHAR), (SELECT signs FROM thalweg_around))) IN ('', '?', 'n/a', 'na', 'nan', 'null') THEN NULL ELSE CASE trim(CAST("town" AS VARCHAR), (SELECT signs FROM thalweg_around)) WHEN 'Bern' THEN 1.0e0 WHEN 'Oslo' THEN 2.0e0 WHEN 'Zürich' THEN 3.0e0 ELSE 0e0 END END AS v1,
    CAST("crp" AS DOUBLE PRECISION) AS v2,
    CASE WHEN "asked" IS NULL OR lower(trim(CAST("asked" AS VARCHAR), (SELECT signs FROM thalweg_around))) IN ('', '?', 'n/a', 'na', 'nan', 'null') THEN NULL ELSE CASE trim(CAST("asked" AS VARCHAR), (SELECT signs FROM thalweg_around)) WHEN 'NO' THEN 1.0e0 WHEN 'No' THEN 1.0e0 WHEN 'YES' THEN 2.0e0 WHEN 'Yes' THEN 2.0e0 WHEN 'no' THEN 1.0e0 WHEN 'yes' THEN 2.0e0 ELSE 0e0 END END AS v3,
    CASE WHEN "name" IS NULL OR lower(trim(CAST("name" AS VARCHAR), (SELECT signs FROM thalweg_around))) IN ('', '?', 'n/a', 'na', 'nan', 'null') THEN NULL ELSE 0e0 END AS v4,
    CAST("crp: bound" AS DOUBLE PRECISION) AS v5
  FROM thalweg_source
)
, thalweg_1 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    v5,
    CASE WHEN (abs(v0) > 1e+300) THEN 1.0e0 ELSE 0.0e0 END AS t6,
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 10.1e0 END AS t9,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 9.5e0 END AS t14,
    CASE WHEN (v4 IS NOT NULL) THEN v4 ELSE 0.0e0 END AS t19,
    CASE WHEN (v5 IS NOT NULL) THEN v5 ELSE 0.0e0 END AS t24,
    CASE WHEN (v1 IS NOT NULL) THEN v1 ELSE 4.0e0 END AS t45,
    CASE WHEN (v3 IS NOT NULL) THEN v3 ELSE 3.0e0 END AS t49,
    CASE WHEN (v0 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t51,
    CASE WHEN (v1 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t52,
    CASE WHEN (v3 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t53,
    CASE WHEN (v4 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t54,
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.55e0 END AS t86,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 6.5e0 END AS t91
  FROM thalweg_0
)
, thalweg_2 AS MATERIALIZED (
  SELECT thalweg_row,
    v5,
    t51,
    t52,
    t53,
    t54,
    CASE WHEN (abs(v2) > 1e+300) THEN 1.0e0 ELSE t6 END AS t7,
    ((t9 - 10.1e0) * 0.15873015873015875e0) AS t10,
    ((t14 - 9.5e0) * 0.037037037037037035e0) AS t15,
    ((t19 - 0.0e0) * 0.0e0) AS t20,
    ((t24 - 0.0e0) * 0.6666666666666666e0) AS t25,
    ((t9 - 5.1e0) * 0.2e0) AS t29,
    ((t9 - 10.1e0) * 0.16666666666666663e0) AS t33,
    ((t14 - 0.0e0) * 0.10526315789473684e0) AS t37,
    ((t14 - 9.5e0) * 0.1e0) AS t41,
    CASE t45 WHEN 1.0e0 THEN 1.6641005886756872e0 ELSE 0.0e0 END AS t46,
    CASE t45 WHEN 2.0e0 THEN 1.6641005886756872e0 ELSE 0.0e0 END AS t47,
    CASE t45 WHEN 3.0e0 THEN 0.0e0 WHEN 4.0e0 THEN 0.0e0 ELSE (-0.9486832980505137e0) END AS t48,
    CASE t49 WHEN 1.0e0 THEN (-0.4931969619160719e0) WHEN 2.0e0 THEN 0.4931969619160719e0 ELSE 0.0e0 END AS t50,
    ((t86 - 9.55e0) * 0.08547008547008549e0) AS t87,
    ((t91 - 6.5e0) * 0.027777777777777776e0) AS t92,
    ((t86 - 1.9e0) * 0.13071895424836602e0) AS t96,
    ((t86 - 9.55e0) * 0.14598540145985406e0) AS t100,
    ((t91 - 0.0e0) * 0.15384615384615385e0) AS t104,
    ((t91 - 6.5e0) * 0.07692307692307693e0) AS t108,
    CASE t45 WHEN 1.0e0 THEN 0.9486832980505137e0 ELSE 0.0e0 END AS t112,
    CASE t45 WHEN 3.0e0 THEN 0.9486832980505137e0 ELSE 0.0e0 END AS t113
  FROM thalweg_1
)
, thalweg_3 AS MATERIALIZED (
  SELECT thalweg_row,
    t46,
    t47,
    t48,
    t50,
    t51,
    t52,
    t53,
    t54,
    t112,
    t113,
    CASE WHEN (abs(v5) > 1e+300) THEN 1.0e0 ELSE t7 END AS t8,
    CASE WHEN t10 > (-100000000.0e0) THEN t10 ELSE (-100000000.0e0) END AS t11,
    CASE WHEN t15 > (-100000000.0e0) THEN t15 ELSE (-100000000.0e0) END AS t16,
    CASE WHEN t20 > (-100000000.0e0) THEN t20 ELSE (-100000000.0e0) END AS t21,
    CASE WHEN t25 > (-100000000.0e0) THEN t25 ELSE (-100000000.0e0) END AS t26,
    CASE WHEN t29 > 0.0e0 THEN t29 ELSE 0.0e0 END AS t30,
    CASE WHEN t33 > 0.0e0 THEN t33 ELSE 0.0e0 END AS t34,
    CASE WHEN t37 > 0.0e0 THEN t37 ELSE 0.0e0 END AS t38,
    CASE WHEN t41 > 0.0e0 THEN t41 ELSE 0.0e0 END AS t42,
    CASE WHEN t87 > (-100000000.0e0) THEN t87 ELSE (-100000000.0e0) END AS t88,
    CASE WHEN t92 > (-100000000.0e0) THEN t92 ELSE (-100000000.0e0) END AS t93,
    CASE WHEN t96 > 0.0e0 THEN t96 ELSE 0.0e0 END AS t97,
    CASE WHEN t100 > 0.0e0 THEN t100 ELSE 0.0e0 END AS t101,
    CASE WHEN t104 > 0.0e0 THEN t104 ELSE 0.0e0 END AS t105,
    CASE WHEN t108 > 0.0e0 THEN t108 ELSE 0.0e0 END AS t109
  FROM thalweg_2
)
, thalweg_4 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t46,
    t47,
    t48,
    t50,
    t51,
    t52,
    t53,
    t54,
    t112,
    t113,
    CASE WHEN t11 < 100000000.0e0 THEN t11 ELSE 100000000.0e0 END AS t12,
    CASE WHEN t16 < 100000000.0e0 THEN t16 ELSE 100000000.0e0 END AS t17,
    CASE WHEN t21 < 100000000.0e0 THEN t21 ELSE 100000000.0e0 END AS t22,
    CASE WHEN t26 < 100000000.0e0 THEN t26 ELSE 100000000.0e0 END AS t27,
    CASE WHEN t30 < 1.0e0 THEN t30 ELSE 1.0e0 END AS t31,
    CASE WHEN t34 < 1.0e0 THEN t34 ELSE 1.0e0 END AS t35,
    CASE WHEN t38 < 1.0e0 THEN t38 ELSE 1.0e0 END AS t39,
    CASE WHEN t42 < 1.0e0 THEN t42 ELSE 1.0e0 END AS t43,
    CASE WHEN t88 < 100000000.0e0 THEN t88 ELSE 100000000.0e0 END AS t89,
    CASE WHEN t93 < 100000000.0e0 THEN t93 ELSE 100000000.0e0 END AS t94,
    CASE WHEN t97 < 1.0e0 THEN t97 ELSE 1.0e0 END AS t98,
    CASE WHEN t101 < 1.0e0 THEN t101 ELSE 1.0e0 END AS t102,
    CASE WHEN t105 < 1.0e0 THEN t105 ELSE 1.0e0 END AS t106,
    CASE WHEN t109 < 1.0e0 THEN t109 ELSE 1.0e0 END AS t110
  FROM thalweg_3
)
, thalweg_5 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t46,
    t47,
    t48,
    t50,
    t51,
    t52,
    t53,
    t54,
    t112,
    t113,
    ((t12 / sqrt((1.0e0 + (t12 * t12)))) * 3.0e0) AS t13,
    ((t17 / sqrt((1.0e0 + (t17 * t17)))) * 3.0e0) AS t18,
    ((t22 / sqrt((1.0e0 + (t22 * t22)))) * 3.0e0) AS t23,
    ((t27 / sqrt((1.0e0 + (t27 * t27)))) * 3.0e0) AS t28,
    ((t31 + (-1.0e0)) * 0.25e0) AS t32,
    ((t35 + 0.0e0) * 0.25e0) AS t36,
    ((t39 + (-1.0e0)) * 0.25e0) AS t40,
    ((t43 + 0.0e0) * 0.25e0) AS t44,
    ((t89 / sqrt((1.0e0 + (t89 * t89)))) * 3.0e0) AS t90,
    ((t94 / sqrt((1.0e0 + (t94 * t94)))) * 3.0e0) AS t95,
    ((t98 + (-1.0e0)) * 0.25e0) AS t99,
    ((t102 + 0.0e0) * 0.25e0) AS t103,
    ((t106 + (-1.0e0)) * 0.25e0) AS t107,
    ((t110 + 0.0e0) * 0.25e0) AS t111
  FROM thalweg_4
)
, thalweg_6 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (((((-0.02132115584367427e0) + (-0.01720773483949584e0) * t13) + ((-0.2324082984702341e0) * t18 + (-0.18692543682571036e0) * t23)) + ((0.07368110621340064e0 * t28 + (-0.1036138595705484e0) * t32) + ((-0.377153934078668e0) * t36 + 0.10661353497829167e0 * t40))) + (((0.5000656890017033e0 * t44 + 0.3949194709588245e0 * t46) + ((-0.16293677196671663e0) * t47 + 0.066235395377279e0 * t48)) + (((-0.29720158506923516e0) * t50 + 0.039097520024242396e0 * t51) + (0.33075828703354204e0 * t52 + (0.07750277452667535e0 * t53 + 0.05862539367176769e0 * t54))))) AS t55,
    (((((-0.0262491885413419e0) + 0.2749216917190863e0 * t13) + (0.159262214113032e0 * t18 + 0.10167036609451331e0 * t23)) + (((-0.07522532592277391e0) * t28 + 0.19923269372203578e0 * t32) + (0.3749515201876399e0 * t36 + (-0.23969321022562726e0) * t40))) + ((((-0.4996936690303473e0) * t44 + (-0.5300244462828727e0) * t46) + (0.17268763924235175e0 * t47 + (-0.08281109041581636e0) * t48)) + (((-0.18298999520059442e0) * t50 + (-0.4461973036319563e0) * t51) + (0.4367087378164623e0 * t52 + ((-0.005896837883508812e0) * t53 + 0.14544840273167767e0 * t54))))) AS t61,
    ((((0.0029641873955765495e0 + (-0.3010007398506221e0) * t13) + ((-0.0994446849931498e0) * t18 + 0.006548185329977046e0 * t23)) + (((-0.12311166225269213e0) * t28 + 0.062332992128231325e0 * t32) + (0.05702756435185047e0 * t36 + (-0.33285625343022907e0) * t40))) + (((0.040566913873296695e0 * t44 + (-0.07015041902532977e0) * t46) + (0.06498433662411307e0 * t47 + (-0.0965349405643201e0) * t48)) + ((0.18766801360389196e0 * t50 + 0.11921101229796914e0 * t51) + (0.0021030324242515804e0 * t52 + (0.25234884984288936e0 * t53 + 0.12730846511227537e0 * t54))))) AS t67,
    ((((0.029740802200284598e0 + (-0.6187277969314597e0) * t13) + ((-0.15136734145443598e0) * t18 + 0.2916830641256206e0 * t23)) + ((0.43680163557823537e0 * t28 + (-0.053265693929780575e0) * t32) + ((-0.37332701411971414e0) * t36 + 0.0477408907666111e0 * t40))) + ((((-0.05438230484209043e0) * t44 + (-0.3959808988320501e0) * t46) + ((-0.4278390328354808e0) * t47 + (-0.30805121843489497e0) * t48)) + (((-0.12897927908712042e0) * t50 + (-0.08953826345039932e0) * t51) + ((-0.12730826766553574e0) * t52 + ((-0.2009852489559525e0) * t53 + 0.1370161718022172e0 * t54))))) AS t73,
    ((((0.029675712283666323e0 + (-0.07215793328198111e0) * t90) + ((-0.356012185952669e0) * t95 + 0.3511420472421904e0 * t23)) + ((0.020626182826992013e0 * t28 + 0.03980511147628453e0 * t99) + (0.3148946673908247e0 * t103 + 0.185079186361903e0 * t107))) + (((0.10151537478553094e0 * t111 + (-0.09387313028730407e0) * t112) + (0.43366334364776365e0 * t47 + 0.11537838604268193e0 * t113)) + (((-0.22388064276623063e0) * t50 + (-0.29920185200809335e0) * t51) + (0.05145002493128377e0 * t52 + (0.6073445656769575e0 * t53 + 0.1150386758951843e0 * t54))))) AS t114,
    (((((-0.03095140057184629e0) + (-0.3201435768648282e0) * t90) + ((-0.3333511468351213e0) * t95 + 0.005369278797107233e0 * t23)) + (((-0.15953607993230873e0) * t28 + (-0.40697361109937946e0) * t99) + ((-0.7308491376237486e0) * t103 + (-0.11026542624295481e0) * t107))) + ((((-0.5930789711511972e0) * t111 + (-0.15896481420679934e0) * t112) + (0.1368111528990032e0 * t47 + (-0.5517127893739723e0) * t113)) + ((0.5113345978766531e0 * t50 + (-0.19183352228800832e0) * t51) + ((-0.36899338605692167e0) * t52 + (0.19032037778778535e0 * t53 + (-0.4098484780190728e0) * t54))))) AS t120,
    (((((-0.03172165809190889e0) + (-0.21438502286057884e0) * t90) + (0.14237104156398012e0 * t95 + 0.216060010254578e0 * t23)) + ((0.06641038492904414e0 * t28 + (-0.38100220060857964e0) * t99) + ((-0.42086821169926975e0) * t103 + 0.1360861917693845e0 * t107))) + (((0.11749421266181409e0 * t111 + 0.554006172258381e0 * t112) + (0.6658266487830926e0 * t47 + (-0.34086574949730164e0) * t113)) + (((-0.011728114823032959e0) * t50 + (-0.005839574577063554e0) * t51) + (0.18857902975275306e0 * t52 + (0.05904505133980744e0 * t53 + (-0.17649617823769587e0) * t54))))) AS t126,
    (((((-0.03041872492460604e0) + 0.09767725711336236e0 * t90) + (0.09445697751399548e0 * t95 + 0.3388141661282155e0 * t23)) + ((0.034456206117182635e0 * t28 + 0.1338129062406731e0 * t99) + (0.046840244143104e0 * t103 + (-0.19741296540695596e0) * t107))) + ((((-5.1170058949538914e-05) * t111 + (-0.036304585247692e0) * t112) + (0.14599930518063858e0 * t47 + (-0.00761643483546055e0) * t113)) + ((0.5248126305150896e0 * t50 + (-0.007648158542016896e0) * t51) + ((-0.44557548663772295e0) * t52 + (0.13281184483585898e0 * t53 + (-0.0335859201113589e0) * t54))))) AS t132
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t61,
    t67,
    t73,
    t114,
    t120,
    t126,
    t132,
    abs(t55) AS t56,
    abs(t61) AS t62,
    abs(t67) AS t68,
    abs(t73) AS t74,
    abs(t114) AS t115,
    abs(t120) AS t121,
    abs(t126) AS t127,
    abs(t132) AS t133
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t61,
    t67,
    t73,
    t114,
    t120,
    t126,
    t132,
    ((-2.0e0) * CASE WHEN t56 < 50.0e0 THEN t56 ELSE 50.0e0 END) AS t57,
    ((-2.0e0) * CASE WHEN t62 < 50.0e0 THEN t62 ELSE 50.0e0 END) AS t63,
    ((-2.0e0) * CASE WHEN t68 < 50.0e0 THEN t68 ELSE 50.0e0 END) AS t69,
    ((-2.0e0) * CASE WHEN t74 < 50.0e0 THEN t74 ELSE 50.0e0 END) AS t75,
    ((-2.0e0) * CASE WHEN t115 < 50.0e0 THEN t115 ELSE 50.0e0 END) AS t116,
    ((-2.0e0) * CASE WHEN t121 < 50.0e0 THEN t121 ELSE 50.0e0 END) AS t122,
    ((-2.0e0) * CASE WHEN t127 < 50.0e0 THEN t127 ELSE 50.0e0 END) AS t128,
    ((-2.0e0) * CASE WHEN t133 < 50.0e0 THEN t133 ELSE 50.0e0 END) AS t134
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t61,
    t67,
    t73,
    t114,
    t120,
    t126,
    t132,
    (tanh(t57 / 2e0) * (exp(t57) + 1e0)) AS t58,
    (tanh(t63 / 2e0) * (exp(t63) + 1e0)) AS t64,
    (tanh(t69 / 2e0) * (exp(t69) + 1e0)) AS t70,
    (tanh(t75 / 2e0) * (exp(t75) + 1e0)) AS t76,
    (tanh(t116 / 2e0) * (exp(t116) + 1e0)) AS t117,
    (tanh(t122 / 2e0) * (exp(t122) + 1e0)) AS t123,
    (tanh(t128 / 2e0) * (exp(t128) + 1e0)) AS t129,
    (tanh(t134 / 2e0) * (exp(t134) + 1e0)) AS t135
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t61,
    t67,
    t73,
    t114,
    t120,
    t126,
    t132,
    (t58 / (t58 + 2.0e0)) AS t59,
    (t64 / (t64 + 2.0e0)) AS t65,
    (t70 / (t70 + 2.0e0)) AS t71,
    (t76 / (t76 + 2.0e0)) AS t77,
    (t117 / (t117 + 2.0e0)) AS t118,
    (t123 / (t123 + 2.0e0)) AS t124,
    (t129 / (t129 + 2.0e0)) AS t130,
    (t135 / (t135 + 2.0e0)) AS t136
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    CASE WHEN (t55 < 0.0e0) THEN t59 ELSE (-t59) END AS t60,
    CASE WHEN (t61 < 0.0e0) THEN t65 ELSE (-t65) END AS t66,
    CASE WHEN (t67 < 0.0e0) THEN t71 ELSE (-t71) END AS t72,
    CASE WHEN (t73 < 0.0e0) THEN t77 ELSE (-t77) END AS t78,
    CASE WHEN (t114 < 0.0e0) THEN t118 ELSE (-t118) END AS t119,
    CASE WHEN (t120 < 0.0e0) THEN t124 ELSE (-t124) END AS t125,
    CASE WHEN (t126 < 0.0e0) THEN t130 ELSE (-t130) END AS t131,
    CASE WHEN (t132 < 0.0e0) THEN t136 ELSE (-t136) END AS t137
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (((-0.019546029852064245e0) + 1.086131307927813e0 * t60) + (1.3178926404590185e0 * t66 + ((-1.1067728654384685e0) * t72 + (-0.03249101311791606e0) * t78))) AS t79,
    ((0.03129407175723569e0 + 0.9147526980884471e0 * t60) + ((-0.3586153414853958e0) * t66 + ((-0.5681383046062336e0) * t72 + 1.1451747514413226e0 * t78))) AS t81,
    (((-0.026236960325268954e0) + 1.2899566502985567e0 * t60) + (0.3410497139048008e0 * t66 + (0.352965344502738e0 * t72 + 0.29705937949517625e0 * t78))) AS t83,
    (((-0.028957967264709217e0) + (-0.47630386080828696e0) * t119) + (1.5839215296761748e0 * t125 + ((-0.6007689759333571e0) * t131 + 0.2966368669501728e0 * t137))) AS t138,
    ((0.01587290400974036e0 + 0.8067443620389819e0 * t119) + (0.3311594139053662e0 * t125 + (0.012568366033126832e0 * t131 + 0.2863304426990841e0 * t137))) AS t140,
    (((-0.0313220026449532e0) + (-0.15761254635916677e0) * t119) + (0.404166214162947e0 * t125 + (0.8163550371589535e0 * t131 + 0.009354044549968006e0 * t137))) AS t142
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    CASE WHEN t79 > 0.0e0 THEN t79 ELSE 0.0e0 END AS t80,
    CASE WHEN t81 > 0.0e0 THEN t81 ELSE 0.0e0 END AS t82,
    CASE WHEN t83 > 0.0e0 THEN t83 ELSE 0.0e0 END AS t84,
    CASE WHEN t138 > 0.0e0 THEN t138 ELSE 0.0e0 END AS t139,
    CASE WHEN t140 > 0.0e0 THEN t140 ELSE 0.0e0 END AS t141,
    CASE WHEN t142 > 0.0e0 THEN t142 ELSE 0.0e0 END AS t143
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    ((0.03078926009934584e0 + (-0.19876518217467812e0) * t80) + (0.1881524721178253e0 * t82 + (-0.26250755843949414e0) * t84)) AS t85,
    ((0.031896831187700043e0 + 0.6584546905264317e0 * t139) + ((-0.16176062577710196e0) * t141 + (-0.9135457970064214e0) * t143)) AS t144
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (5.401383462214477e0 + (1.5994968044510955e0 * t85)) AS t145,
    (5.048921335874964e0 + (1.9429513660442521e0 * t144)) AS t148
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    CASE WHEN t145 > 1.7320508075688772e0 THEN t145 ELSE 1.7320508075688772e0 END AS t146,
    CASE WHEN t148 > 1.0e0 THEN t148 ELSE 1.0e0 END AS t149
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t149,
    CASE WHEN t146 < 7.681145747868608e0 THEN t146 ELSE 7.681145747868608e0 END AS t147
  FROM thalweg_16
)
, thalweg_18 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (t147 + CASE WHEN t149 < 7.745966692414834e0 THEN t149 ELSE 7.745966692414834e0 END) AS t150
  FROM thalweg_17
)
, thalweg_19 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (t150 / 2.0e0) AS t151
  FROM thalweg_18
)
, thalweg_20 AS MATERIALIZED (
  SELECT thalweg_row,
    CASE WHEN (t8 > 0.0e0) THEN NULL ELSE t151 END AS t152
  FROM thalweg_19
)
SELECT rows_of.*, answers.t152 AS "prediction"
FROM thalweg_source AS rows_of JOIN thalweg_20 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
