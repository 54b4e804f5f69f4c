-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: 5390aeb69ad14b818ff9902ae2349e9efd3f0d92cc041775b129f3228cb36acf.
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
--   the probabilities of "high", "low", "mid", in this order, and a label: the class with the largest product of probability and cost
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A text is compared sign by sign. No part of it are spaces and invisible signs around it: U+0009 to U+000D, U+001C to U+0020, U+0085, U+00A0, U+00AD, U+061C, U+1680, U+180E, U+2000 to U+200F, U+2028 to U+202F, U+205F to U+2064, U+2066 to U+2069, U+3000, U+FEFF. Python, JavaScript, C and SQL strip them; for ONNX, which cannot, they must be stripped before. In C a text ends at U+0000.
-- A whole number that names a level is written "3", and for ONNX and SQL not "3.0".
-- A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
-- A level that the model does not know counts as some other, rare level.
-- A bound is -1 for a cell such as <0.5, 1 for >0.5, and 0 for a plain number.
-- Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.
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
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.9e0 END AS t9,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 8.5e0 END AS t14,
    CASE WHEN (v4 IS NOT NULL) THEN v4 ELSE 0.0e0 END AS t19,
    CASE WHEN (v5 IS NOT NULL) THEN v5 ELSE 0.0e0 END AS t24,
    CASE WHEN (v1 IS NOT NULL) THEN v1 ELSE 4.0e0 END AS t45,
    CASE WHEN (v3 IS NOT NULL) THEN v3 ELSE 3.0e0 END AS t49,
    CASE WHEN (v0 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t51,
    CASE WHEN (v1 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t52,
    CASE WHEN (v3 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t53,
    CASE WHEN (v4 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t54
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
    ((t9 - 9.9e0) * 0.101010101010101e0) AS t10,
    ((t14 - 8.5e0) * 0.031007751937984496e0) AS t15,
    ((t19 - 0.0e0) * 0.0e0) AS t20,
    ((t24 - 0.0e0) * 0.6666666666666666e0) AS t25,
    ((t9 - 1.9e0) * 0.125e0) AS t29,
    ((t9 - 9.9e0) * 0.15384615384615388e0) AS t33,
    ((t14 - 0.0e0) * 0.11764705882352941e0) AS t37,
    ((t14 - 8.5e0) * 0.09090909090909091e0) AS t41,
    CASE t45 WHEN 1.0e0 THEN 0.9486833214759827e0 ELSE 0.0e0 END AS t46,
    CASE t45 WHEN 2.0e0 THEN 1.6641006469726562e0 ELSE 0.0e0 END AS t47,
    CASE t45 WHEN 3.0e0 THEN 0.0e0 WHEN 4.0e0 THEN 0.0e0 ELSE (-0.9486833214759827e0) END AS t48,
    CASE t49 WHEN 1.0e0 THEN (-0.493196964263916e0) WHEN 2.0e0 THEN 0.493196964263916e0 ELSE 0.0e0 END AS t50
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
    CASE WHEN (abs(v5) > 1e+300) THEN 1.0e0 ELSE t7 END AS t8,
    CASE WHEN t10 > (-100000000.0e0) THEN t10 ELSE (-100000000.0e0) END AS t11,
    CASE WHEN t15 > (-100000000.0e0) THEN t15 ELSE (-100000000.0e0) END AS t16,
    CASE WHEN t20 > (-100000000.0e0) THEN t20 ELSE (-100000000.0e0) END AS t21,
    CASE WHEN t25 > (-100000000.0e0) THEN t25 ELSE (-100000000.0e0) END AS t26,
    CASE WHEN t29 > 0.0e0 THEN t29 ELSE 0.0e0 END AS t30,
    CASE WHEN t33 > 0.0e0 THEN t33 ELSE 0.0e0 END AS t34,
    CASE WHEN t37 > 0.0e0 THEN t37 ELSE 0.0e0 END AS t38,
    CASE WHEN t41 > 0.0e0 THEN t41 ELSE 0.0e0 END AS t42
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
    CASE WHEN t11 < 100000000.0e0 THEN t11 ELSE 100000000.0e0 END AS t12,
    CASE WHEN t16 < 100000000.0e0 THEN t16 ELSE 100000000.0e0 END AS t17,
    CASE WHEN t21 < 100000000.0e0 THEN t21 ELSE 100000000.0e0 END AS t22,
    CASE WHEN t26 < 100000000.0e0 THEN t26 ELSE 100000000.0e0 END AS t27,
    CASE WHEN t30 < 1.0e0 THEN t30 ELSE 1.0e0 END AS t31,
    CASE WHEN t34 < 1.0e0 THEN t34 ELSE 1.0e0 END AS t35,
    CASE WHEN t38 < 1.0e0 THEN t38 ELSE 1.0e0 END AS t39,
    CASE WHEN t42 < 1.0e0 THEN t42 ELSE 1.0e0 END AS t43
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
    ((t12 / sqrt((1.0e0 + (t12 * t12)))) * 3.0e0) AS t13,
    ((t17 / sqrt((1.0e0 + (t17 * t17)))) * 3.0e0) AS t18,
    ((t22 / sqrt((1.0e0 + (t22 * t22)))) * 3.0e0) AS t23,
    ((t27 / sqrt((1.0e0 + (t27 * t27)))) * 3.0e0) AS t28,
    ((t31 + (-1.0e0)) * 0.25e0) AS t32,
    ((t35 + 0.0e0) * 0.25e0) AS t36,
    ((t39 + (-1.0e0)) * 0.25e0) AS t40,
    ((t43 + 0.0e0) * 0.25e0) AS t44
  FROM thalweg_4
)
, thalweg_6 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    ((((0.041558459401130676e0 + (-0.6552935838699341e0) * t13) + (0.012105676345527172e0 * t18 + 0.028138453140854836e0 * t23)) + (((-0.17664223909378052e0) * t28 + 0.07489407062530518e0 * t32) + ((-0.013238497078418732e0) * t36 + (-0.06641076505184174e0) * t40))) + ((((-0.08821135014295578e0) * t44 + 0.09271472692489624e0 * t46) + ((-0.06013214960694313e0) * t47 + (-0.009577181190252304e0) * t48)) + ((0.004724489059299231e0 * t50 + (-0.14141727983951569e0) * t51) + (0.026915723457932472e0 * t52 + ((-0.11011271178722382e0) * t53 + 0.06761441379785538e0 * t54))))) AS t55,
    (((((-0.05851379781961441e0) + (-0.2994031608104706e0) * t13) + (0.0008573976228944957e0 * t18 + 0.07792744040489197e0 * t23)) + (((-0.15810362994670868e0) * t28 + (-0.10009576380252838e0) * t32) + ((-0.15902139246463776e0) * t36 + 0.11759218573570251e0 * t40))) + (((0.08343628793954849e0 * t44 + 0.0460348017513752e0 * t46) + ((-0.16283579170703888e0) * t47 + 0.04887615516781807e0 * t48)) + (((-0.1855514496564865e0) * t50 + (-0.07206688076257706e0) * t51) + (0.02140921913087368e0 * t52 + (0.067318394780159e0 * t53 + (-0.03450580686330795e0) * t54))))) AS t60,
    ((((0.11180325597524643e0 + 0.8995471000671387e0 * t13) + ((-0.10373395681381226e0) * t18 + 0.0067892600782215595e0 * t23)) + (((-0.09594149142503738e0) * t28 + 0.0705786943435669e0 * t32) + ((-0.06827527284622192e0) * t36 + 0.04818456992506981e0 * t40))) + (((0.01237256545573473e0 * t44 + 0.07966049015522003e0 * t46) + (0.09533337503671646e0 * t47 + (-0.23764663934707642e0) * t48)) + ((0.019208472222089767e0 * t50 + (-0.030140697956085205e0) * t51) + (0.027459241449832916e0 * t52 + (0.25481289625167847e0 * t53 + 0.18518471717834473e0 * t54))))) AS t65,
    ((((0.016747506335377693e0 + 0.04186052083969116e0 * t13) + (0.1347767561674118e0 * t18 + (-0.08932223170995712e0) * t23)) + ((0.07573152333498001e0 * t28 + (-0.11744064092636108e0) * t32) + ((-0.17023341357707977e0) * t36 + (-0.017983166500926018e0) * t40))) + (((0.045718949288129807e0 * t44 + 0.12829579412937164e0 * t46) + (0.0663238987326622e0 * t47 + 0.05611658841371536e0 * t48)) + ((0.03630808740854263e0 * t50 + (-0.038728367537260056e0) * t51) + (0.05564309284090996e0 * t52 + (0.03649546578526497e0 * t53 + (-0.058591004461050034e0) * t54))))) AS t72,
    (((((-0.04872661828994751e0) + (-0.006871458142995834e0) * t13) + (0.040646992623806e0 * t18 + (-0.0824253037571907e0) * t23)) + (((-0.30752038955688477e0) * t28 + 0.16055259108543396e0 * t32) + ((-0.5043861269950867e0) * t36 + 0.10673854500055313e0 * t40))) + (((0.04846077784895897e0 * t44 + 0.31873875856399536e0 * t46) + (0.0757281705737114e0 * t47 + (-0.048567235469818115e0) * t48)) + ((0.17377234995365143e0 * t50 + (-0.2665586471557617e0) * t51) + (0.02631802298128605e0 * t52 + (0.11849894374608994e0 * t53 + (-0.03560580313205719e0) * t54))))) AS t77,
    (((((-0.021767163649201393e0) + (-0.011719897389411926e0) * t13) + (0.2270660251379013e0 * t18 + (-0.11535612493753433e0) * t23)) + ((0.03814970701932907e0 * t28 + (-0.16223697364330292e0) * t32) + ((-0.5389897227287292e0) * t36 + (-0.05135428160429001e0) * t40))) + (((0.1830834150314331e0 * t44 + (-0.19230866432189941e0) * t46) + ((-0.09675624966621399e0) * t47 + (-0.3545220196247101e0) * t48)) + ((0.05421208590269089e0 * t50 + (-0.08695568889379501e0) * t51) + ((-0.13561378419399261e0) * t52 + ((-0.33680111169815063e0) * t53 + (-0.011850157752633095e0) * t54))))) AS t82
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t60,
    t65,
    t72,
    t77,
    t82,
    abs(t55) AS t56,
    abs(t60) AS t61,
    abs(t65) AS t66,
    abs(t72) AS t73,
    abs(t77) AS t78,
    abs(t82) AS t83
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t60,
    t65,
    t72,
    t77,
    t82,
    (-CASE WHEN t56 < 800.0e0 THEN t56 ELSE 800.0e0 END) AS t57,
    (-CASE WHEN t61 < 800.0e0 THEN t61 ELSE 800.0e0 END) AS t62,
    (-CASE WHEN t66 < 800.0e0 THEN t66 ELSE 800.0e0 END) AS t67,
    (-CASE WHEN t73 < 800.0e0 THEN t73 ELSE 800.0e0 END) AS t74,
    (-CASE WHEN t78 < 800.0e0 THEN t78 ELSE 800.0e0 END) AS t79,
    (-CASE WHEN t83 < 800.0e0 THEN t83 ELSE 800.0e0 END) AS t84
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t55,
    t57,
    t60,
    t62,
    t65,
    t67,
    t72,
    t74,
    t77,
    t79,
    t82,
    t84,
    exp(t57) AS t58,
    exp(t62) AS t63,
    exp(t67) AS t68,
    exp(t74) AS t75,
    exp(t79) AS t80,
    exp(t84) AS t85
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (CASE WHEN (t55 < 0.0e0) THEN (t57 * t58) ELSE t55 END / (1.0e0 + t58)) AS t59,
    (CASE WHEN (t60 < 0.0e0) THEN (t62 * t63) ELSE t60 END / (1.0e0 + t63)) AS t64,
    (CASE WHEN (t65 < 0.0e0) THEN (t67 * t68) ELSE t65 END / (1.0e0 + t68)) AS t69,
    (CASE WHEN (t72 < 0.0e0) THEN (t74 * t75) ELSE t72 END / (1.0e0 + t75)) AS t76,
    (CASE WHEN (t77 < 0.0e0) THEN (t79 * t80) ELSE t77 END / (1.0e0 + t80)) AS t81,
    (CASE WHEN (t82 < 0.0e0) THEN (t84 * t85) ELSE t82 END / (1.0e0 + t85)) AS t86
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    (((-0.7075527906417847e0) + 0.35816359519958496e0 * t59) + (0.546794056892395e0 * t64 + (-0.22374917566776276e0) * t69)) AS t70,
    ((1.130976915359497e0 + 0.0e0 * t59) + (0.0e0 * t64 + 0.0e0 * t69)) AS t71,
    (((-0.7140929698944092e0) + (-0.39028072357177734e0) * t76) + (0.705168604850769e0 * t81 + 1.183166265487671e0 * t86)) AS t87,
    ((1.049493432044983e0 + 0.0e0 * t76) + (0.0e0 * t81 + 0.0e0 * t86)) AS t88
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t70,
    t71,
    t87,
    t88,
    exp((-abs(t71))) AS t89,
    exp((-abs(t88))) AS t91,
    exp((-abs(t70))) AS t96,
    (-t70) AS t99,
    exp((-abs(t87))) AS t105,
    (-t87) AS t108
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t71,
    t87,
    t88,
    t89,
    t91,
    t99,
    t105,
    t108,
    (t70 + (CASE WHEN t71 > 0.0e0 THEN t71 ELSE 0.0e0 END + CASE WHEN 1e0 + t89 = 1e0 THEN t89 ELSE t89 * ln(1e0 + t89) / ((1e0 + t89) - 1e0) END)) AS t90,
    (t87 + (CASE WHEN t88 > 0.0e0 THEN t88 ELSE 0.0e0 END + CASE WHEN 1e0 + t91 = 1e0 THEN t91 ELSE t91 * ln(1e0 + t91) / ((1e0 + t91) - 1e0) END)) AS t92,
    (CASE WHEN (t70 < 0.0e0) THEN t96 ELSE 1.0e0 END / (1.0e0 + t96)) AS t97,
    exp((-abs(t99))) AS t100,
    exp((-abs(t108))) AS t109
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t71,
    t88,
    t89,
    t90,
    t91,
    t92,
    t99,
    t100,
    t108,
    t109,
    (-t90) AS t93,
    exp((-abs(t90))) AS t98,
    (-t92) AS t102,
    (t97 + (CASE WHEN (t87 < 0.0e0) THEN t105 ELSE 1.0e0 END / (1.0e0 + t105))) AS t106,
    exp((-abs(t92))) AS t107
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t88,
    t91,
    t92,
    t93,
    t102,
    t107,
    t108,
    t109,
    exp((-abs(t93))) AS t94,
    (((CASE WHEN (t90 < 0.0e0) THEN t98 ELSE 1.0e0 END / (1.0e0 + t98)) * (CASE WHEN (t71 < 0.0e0) THEN t89 ELSE 1.0e0 END / (1.0e0 + t89))) * (CASE WHEN (t99 < 0.0e0) THEN t100 ELSE 1.0e0 END / (1.0e0 + t100))) AS t101,
    exp((-abs(t102))) AS t103,
    (t106 / 2.0e0) AS t112
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t102,
    t103,
    (CASE WHEN (t93 < 0.0e0) THEN t94 ELSE 1.0e0 END / (1.0e0 + t94)) AS t95,
    (t101 + (((CASE WHEN (t92 < 0.0e0) THEN t107 ELSE 1.0e0 END / (1.0e0 + t107)) * (CASE WHEN (t88 < 0.0e0) THEN t91 ELSE 1.0e0 END / (1.0e0 + t91))) * (CASE WHEN (t108 < 0.0e0) THEN t109 ELSE 1.0e0 END / (1.0e0 + t109)))) AS t110,
    CASE WHEN (t8 > 0.0e0) THEN NULL ELSE t112 END AS t115
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t115,
    (t95 + (CASE WHEN (t102 < 0.0e0) THEN t103 ELSE 1.0e0 END / (1.0e0 + t103))) AS t104,
    (t110 / 2.0e0) AS t113
  FROM thalweg_16
)
, thalweg_18 AS MATERIALIZED (
  SELECT thalweg_row,
    t8,
    t115,
    (t104 / 2.0e0) AS t111,
    CASE WHEN (t8 > 0.0e0) THEN NULL ELSE t113 END AS t116
  FROM thalweg_17
)
, thalweg_19 AS MATERIALIZED (
  SELECT thalweg_row,
    t115,
    t116,
    CASE WHEN (t8 > 0.0e0) THEN NULL ELSE t111 END AS t114
  FROM thalweg_18
)
, thalweg_20 AS MATERIALIZED (
  SELECT thalweg_row,
    t114,
    t115,
    t116,
    (t114 * 1.0e0) AS t117
  FROM thalweg_19
)
, thalweg_21 AS MATERIALIZED (
  SELECT thalweg_row,
    t114,
    t115,
    t116,
    CASE WHEN ((t115 * 1.0e0) > t117) THEN (t115 * 1.0e0) ELSE t117 END AS t118,
    CASE WHEN ((t115 * 1.0e0) > t117) THEN (1.0e0 + 0.0e0) ELSE 0.0e0 END AS t119
  FROM thalweg_20
)
, thalweg_22 AS MATERIALIZED (
  SELECT thalweg_row,
    t114,
    t115,
    t116,
    CASE WHEN ((t116 * 1.0e0) > t118) THEN (2.0e0 + 0.0e0) ELSE t119 END AS t121
  FROM thalweg_21
)
, thalweg_23 AS MATERIALIZED (
  SELECT thalweg_row,
    t114,
    t115,
    t116,
    CASE WHEN (NOT (t114 IS NOT NULL)) THEN (-1.0e0) ELSE t121 END AS t122
  FROM thalweg_22
)
, thalweg_24 AS MATERIALIZED (
  SELECT thalweg_row,
    t114,
    t115,
    t116,
    CASE t122 WHEN 0.0e0 THEN 'high' WHEN 1.0e0 THEN 'low' WHEN 2.0e0 THEN 'mid' END AS t123
  FROM thalweg_23
)
SELECT rows_of.*, answers.t123 AS "prediction", answers.t114 AS "p_high", answers.t115 AS "p_low", answers.t116 AS "p_mid"
FROM thalweg_source AS rows_of JOIN thalweg_24 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
