/* The arithmetic of a training step, one pass over memory for each function, for float and double.
 *
 * This file includes itself twice, with `real` standing for each type; F(name) is name_f or name_d.
 * Loops are written so that a compiler turns them into vector code. The whole is compiled for
 * AVX-512, AVX2 and the baseline (setup.py), of which levels.py loads the processor's best.
 *
 * Exponentials follow Cephes (Moshier, netlib): exp by Cody and Waite's reduction and a polynomial
 * or rational approximation, tanh by a polynomial or rational one near 0 and by exp elsewhere.
 */
#ifndef real

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The iterations of the loop that follows do not depend on each other, though pointers may be equal. */
#define SIMD _Pragma("omp simd")

#if defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 20")
#define INLINE static inline __attribute__((always_inline)) /* a call would stop the vectors */
#elif defined(_MSC_VER)
#define UNROLL
#define INLINE static __forceinline
#else
#define UNROLL
#define INLINE static inline
#endif

/* The order of these is that of the tables in compiled.py. */
enum activation { SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, GELU, SILU, MISH, SOFTPLUS, IDENTITY };
enum loss { SOFTMAX, SIGMOID_CROSS_ENTROPY, SQUARED, ABSOLUTE, HUBER, QUANTILE, POISSON };
enum rule { SGD, MOMENTUM, NESTEROV, ADAM, RMSPROP, LION };
enum number { UINT8, FLOAT32, FLOAT64 };

/* What is done to a gradient on its way into a step, and the sizes of the step itself. */
struct step {
  double l1, l2;       /* of this batch, for weights alone */
  double clip, shrink; /* components to ±clip, then times shrink */
  double decay;        /* what weights are multiplied by before the step */
  double rate;         /* the learning rate, for adam with its bias correction */
  double beta_1, beta_2, epsilon;
};

#define CACHED 4096 /* numbers that stay in the cache between two passes */

/* a · b, rounded: never part of a fused multiply-add. What is summed up in several calls must be the
 * sum of one call. */
static inline double product(double a, double b) {
  volatile double rounded = a * b;
  return rounded;
}

#define SELU_SCALE 1.0507009873554804934193349852946
#define SELU_ALPHA 1.6732632423543772848170429916717

/* exp(x): 2^n · exp(r), |r| <= ln 2 / 2; 2^n in two factors, so that subnormal results are right. */
INLINE float exp_f(float x) {
  x = x < -105.0f ? -105.0f : x;
  x = x > 89.0f ? 89.0f : x;
  float n = rintf(x * 1.44269504088896341f);
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t i = (int32_t)n, half = i >> 1;
  uint32_t one = (uint32_t)(half + 127) << 23, two = (uint32_t)(i - half + 127) << 23;
  float a, b;
  memcpy(&a, &one, 4);
  memcpy(&b, &two, 4);
  return p * a * b;
}

INLINE double exp_d(double x) {
  x = x < -746.0 ? -746.0 : x;
  x = x > 710.0 ? 710.0 : x;
  double n = rint(x * 1.4426950408889634073599);
  double r = x - n * 6.93145751953125e-1;
  r = r - n * 1.42860682030941723212e-6;
  double s = r * r;
  double p = (1.26177193074810590878e-4 * s + 3.02994407707441961300e-2) * s;
  p = (p + 9.99999999999999999910e-1) * r;
  double q = (3.00198505138664455042e-6 * s + 2.52448340349684104192e-3) * s;
  q = (q + 2.27265548208155028766e-1) * s + 2.0;
  p = 1.0 + 2.0 * (p / (q - p));
  int64_t i = (int64_t)(int32_t)n, half = i >> 1;
  uint64_t one = (uint64_t)(half + 1023) << 52, two = (uint64_t)(i - half + 1023) << 52;
  double a, b;
  memcpy(&a, &one, 8);
  memcpy(&b, &two, 8);
  return p * a * b;
}

INLINE float tanh_f(float x) {
  float s = x * x;
  float p = -5.70498872745e-3f;
  p = p * s + 2.06390887954e-2f;
  p = p * s - 5.37397155531e-2f;
  p = p * s + 1.33314422036e-1f;
  p = p * s - 3.33332819422e-1f;
  float near = p * s * x + x;
  float far = copysignf(1.0f - 2.0f / (exp_f(2.0f * fabsf(x)) + 1.0f), x);
  return fabsf(x) < 0.625f ? near : far;
}

INLINE double tanh_d(double x) {
  double s = x * x;
  double p = (-9.64399179425052238628e-1 * s - 9.92877231001918586564e1) * s;
  p = p - 1.61468768441708447952e3;
  double q = ((s + 1.12811678491632931402e2) * s + 2.23548839060100448583e3) * s;
  q = q + 4.84406305325125486048e3;
  double near = x + x * s * (p / q);
  double far = copysign(1.0 - 2.0 / (exp_d(2.0 * fabs(x)) + 1.0), x);
  return fabs(x) < 0.625 ? near : far;
}

/* erfc(x) = exp(-x²)·t·exp(polynomial in t), t = 1 / (1 + |x| / 2): Press et al., Numerical Recipes. */
INLINE float erfc_f(float x) {
  float a = fabsf(x), t = 1 / (1 + a / 2);
  float p = 0.17087277f;
  p = p * t - 0.82215223f;
  p = p * t + 1.48851587f;
  p = p * t - 1.13520398f;
  p = p * t + 0.27886807f;
  p = p * t - 0.18628806f;
  p = p * t + 0.09678418f;
  p = p * t + 0.37409196f;
  p = p * t + 1.00002368f;
  p = p * t - 1.26551223f;
  float tail = t * exp_f(p - a * a);
  return x < 0 ? 2 - tail : tail;
}

#define TIMES(p, x, c) ((p) * (x) + (c))

/* Cephes (ndtr.c): 1 - x T(x²) / U(x²) up to 1, exp(-x²) P(x) / Q(x) up to 8, exp(-x²) R(x) / S(x)
 * beyond. All three are computed, and one is taken: branches would stop the vectors. */
INLINE double erfc_d(double x) {
  double a = fabs(x), s = a < 1 ? a * a : 1, m = a < 8 ? a : 8, b = a > 8 ? a : 8;
  double t = 9.60497373987051638749, u = s + 3.35617141647503099647e1;
  t = TIMES(t, s, 9.00260197203842689217e1), u = TIMES(u, s, 5.21357949780152679795e2);
  t = TIMES(t, s, 2.23200534594684319226e3), u = TIMES(u, s, 4.59432382970980127987e3);
  t = TIMES(t, s, 7.00332514112805075473e3), u = TIMES(u, s, 2.26290000613890934246e4);
  t = TIMES(t, s, 5.55923013010394962768e4), u = TIMES(u, s, 4.92673942608635921086e4);
  double p = 2.46196981473530512524e-10, q = m + 1.32281951154744992508e1;
  p = TIMES(p, m, 5.64189564831068821977e-1), q = TIMES(q, m, 8.67072140885989742329e1);
  p = TIMES(p, m, 7.46321056442269912687), q = TIMES(q, m, 3.54937778887819891062e2);
  p = TIMES(p, m, 4.86371970985681366614e1), q = TIMES(q, m, 9.75708501743205489753e2);
  p = TIMES(p, m, 1.96520832956077098242e2), q = TIMES(q, m, 1.82390916687909736289e3);
  p = TIMES(p, m, 5.26445194995477358631e2), q = TIMES(q, m, 2.24633760818710981792e3);
  p = TIMES(p, m, 9.34528527171957607540e2), q = TIMES(q, m, 1.65666309194161350182e3);
  p = TIMES(p, m, 1.02755188689515710272e3), q = TIMES(q, m, 5.57535340817727675546e2);
  p = TIMES(p, m, 5.57535335369399327526e2);
  double i = 1 / b, r = 3.36907645100081516050 * i + 9.60896809063285878198; /* in 1 / x: no overflow */
  double n = 2.97886665372100240670 * i + 7.40974269950448939160;
  n = TIMES(n, i, 6.16021097993053585195), r = TIMES(r, i, 1.70814450747565897222e1);
  n = TIMES(n, i, 5.01905042251180477414), r = TIMES(r, i, 1.20489539808096656605e1);
  n = TIMES(n, i, 1.27536670759978104416), r = TIMES(r, i, 9.39603524938001434673);
  n = TIMES(n, i, 5.64189583547755073984e-1), r = TIMES(r, i, 2.26052863220117276590);
  r = TIMES(r, i, 1);
  double tail = exp_d(-a * a) * (a < 8 ? p / q : n * i / r);
  double near = 1 - a * t / u;
  tail = a < 1 ? near : tail;
  return x < 0 ? 2 - tail : tail;
}

#define real float
#define F(name) name##_f
#define C(function) function##f
#define LARGEST 3.40282346638528859812e+38F
#define EXPONENT_LIMIT 88
#define SERIES 8
#include "arithmetic.h"
#undef real
#undef F
#undef C
#undef LARGEST
#undef EXPONENT_LIMIT
#undef SERIES
#define real double
#define F(name) name##_d
#define C(function) function
#define LARGEST 1.79769313486231570815e+308
#define EXPONENT_LIMIT 709
#define SERIES 17
#include "arithmetic.h"
#undef real
#undef F
#undef C
#undef LARGEST
#undef EXPONENT_LIMIT
#undef SERIES

#else /* ---- once for each type ---------------------------------------------------------------- */

/* exp(-|x|) keeps small results exact, where 1 + exp(-x) would overflow. What the sum 1 + e loses is
 * put back to first order: 1 / (1 + e) is s or 1 - s. */
INLINE real F(sigmoid)(real x) {
  real e = F(exp)(-C(fabs)(x)), sum = 1 + e, lost = e - (sum - 1);
  real s = (x > 0 ? 1 : e) / sum;
  return s - s * lost * (x > 0 ? s : 1 - s);
}

INLINE real F(sign)(real x) { return x != x ? x : (real)((x > 0) - (x < 0)); }

/* exp(x) - 1 without cancellation: 2 t / (1 - t), t = tanh(x / 2); for x <= 0. */
INLINE real F(expm1)(real x) {
  real t = F(tanh)(x / 2);
  return 2 * t / (1 - t);
}

/* log(1 + e) for 0 <= e <= 1: 2 artanh(e / (2 + e)), whose series has odd powers of at most 1/3. */
INLINE real F(log1p)(real e) {
  real s = e / (2 + e), q = s * s, sum = 0;
  UNROLL /* else the loop around it is not turned into vectors */
  for (int n = 2 * SERIES - 1; n > 0; n -= 2) sum = sum * q + (real)2 / n;
  return s * sum;
}

INLINE real F(softplus)(real x) {
  real rest = F(log1p)(F(exp)(-C(fabs)(x)));
  return (x > 0 ? x : 0) + rest;
}

/* Φ, the normal distribution's cumulative function. */
INLINE real F(normal)(real x) { return F(erfc)(x * (real)-0.70710678118654752440) / 2; }

/* tanh(softplus(x)) = n / (n + 2), n = e (e + 2), e = exp(x). */
INLINE real F(mish_gate)(real x) {
  real e = F(exp)(x > 30 ? 30 : x);
  real n = e * (e + 2);
  return n / (n + 2);
}

#define EACH(expression) \
  SIMD \
  for (ptrdiff_t i = 0; i < n; i++) { \
    real x = z[i]; \
    a[i] = (expression); \
  } \
  return

/* a <- f(z); they may be the same. */
static void F(apply)(int which, const real *z, real *a, ptrdiff_t n, real slope) {
  switch (which) {
  case SIGMOID: EACH(F(sigmoid)(x));
  case TANH: EACH(F(tanh)(x));
  case RELU: EACH(x > 0 ? x : (x != x ? x : 0));
  case LEAKY_RELU: EACH(x > 0 ? x : slope * x);
  case ELU: EACH((x > 0 ? x : 0) + F(expm1)(x > 0 ? 0 : x));
  case SELU:
    EACH((real)SELU_SCALE * ((x > 0 ? (x < LARGEST / 2 ? x : LARGEST / 2) : 0) +
                             (real)SELU_ALPHA * F(expm1)(x > 0 ? 0 : x)));
  case GELU: EACH(x * F(normal)(x));
  case SILU: EACH((x > -EXPONENT_LIMIT ? x : (x != x ? x : -EXPONENT_LIMIT)) * F(sigmoid)(x));
  case MISH: EACH((x > -EXPONENT_LIMIT ? x : (x != x ? x : -EXPONENT_LIMIT)) * F(mish_gate)(x));
  case SOFTPLUS: EACH(F(softplus)(x));
  default:
    if (a != z) memcpy(a, z, n * sizeof(real));
  }
}
#undef EACH

/* out <- a bᵀ: (n,) (k,) -> (n, k). */
static void F(outer)(const real *restrict a, const real *restrict b, real *restrict out,
                            ptrdiff_t n, ptrdiff_t k) {
  for (ptrdiff_t i = 0; i < n; i++)
    for (ptrdiff_t j = 0; j < k; j++) out[i * k + j] = a[i] * b[j];
}

/* x <- x + b in each of n rows: (n, k). */
static void F(add_row)(real *restrict x, const real *restrict b, ptrdiff_t n, ptrdiff_t k) {
  for (ptrdiff_t i = 0; i < n; i++)
    for (ptrdiff_t j = 0; j < k; j++) x[i * k + j] += b[j];
}

/* z <- z + b in each of n rows, a <- f(z); z and a, (n, k), may be the same.
 *
 * In two passes over rows that stay in the cache: functions of a whole block have no short ends of
 * rows, where nothing is done in vectors. */
static void F(activate)(int which, real *z, const real *b, real *a, ptrdiff_t n, ptrdiff_t k,
                        real slope) {
  ptrdiff_t most = k < CACHED ? CACHED / k : 1;
  while (n > 0) {
    ptrdiff_t rows = n < most ? n : most;
    F(add_row)(z, b, rows, k);
    F(apply)(which, z, a, rows * k, slope);
    z += rows * k, a += rows * k, n -= rows;
  }
}

#define EACH(expression) \
  for (ptrdiff_t i = 0; i < n; i++) { \
    real y = a[i], x = z[i]; \
    (void)y, (void)x; \
    delta[i] *= (expression); \
  } \
  return

/* delta <- delta · f'(z), where a = f(z). */
static void F(derive)(int which, const real *z, const real *a, real *restrict delta,
                             ptrdiff_t n, real slope) {
  switch (which) {
  case SIGMOID: EACH(y * (1 - y));
  case TANH: EACH(1 - y * y);
  case RELU: EACH((real)(y > 0));
  case LEAKY_RELU: EACH(y > 0 ? 1 : slope);
  case ELU: EACH(y > 0 ? 1 : y + 1);
  case SELU: EACH(y > 0 ? (real)SELU_SCALE : y + (real)(SELU_SCALE * SELU_ALPHA));
  case GELU:
    for (ptrdiff_t i = 0; i < n; i++) {
      real x = z[i], c = x > 40 ? 40 : (x < -40 ? -40 : x);
      real density = F(exp)(c * c * (real)-0.5) * (real)0.39894228040143267794;
      delta[i] *= F(normal)(x) + c * density;
    }
    return;
  case SILU:
    for (ptrdiff_t i = 0; i < n; i++) {
      real s = F(sigmoid)(z[i]);
      delta[i] *= s + a[i] * (1 - s);
    }
    return;
  case MISH:
    for (ptrdiff_t i = 0; i < n; i++) {
      real x = z[i], t = F(mish_gate)(x), c = x < -EXPONENT_LIMIT ? -EXPONENT_LIMIT : x;
      delta[i] *= t + c * F(sigmoid)(x) * (1 - t * t);
    }
    return;
  case SOFTPLUS: EACH(-F(expm1)(-y));
  default: return;
  }
}
#undef EACH

/* x <- x · factors. */
static void F(add)(real *restrict x, const real *restrict terms, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] += terms[i];
}

static void F(multiply)(real *restrict x, const real *restrict factors, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] *= factors[i];
}

/* out <- x · mask, where mask is 0 or 1 / keep by whether the uniform numbers in it are below keep. */
static void F(drop)(const real *restrict x, real *restrict mask, real *restrict out,
                           ptrdiff_t n, real keep, real factor) {
  for (ptrdiff_t i = 0; i < n; i++) {
    mask[i] = mask[i] < keep ? factor : 0;
    out[i] = x[i] * mask[i];
  }
}

static void F(exponential)(const real *x, real *out, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i++) out[i] = F(exp)(x[i]);
}

/* sums <- sum over the n rows of x: (n, k) -> (k,). */
static void F(sum_rows)(const real *x, real *restrict sums, ptrdiff_t n, ptrdiff_t k) {
  for (ptrdiff_t j = 0; j < k; j++) sums[j] = 0;
  for (ptrdiff_t i = 0; i < n; i++)
    for (ptrdiff_t j = 0; j < k; j++) sums[j] += x[i * k + j];
}

#define GATHER(type) \
  for (ptrdiff_t i = 0; i < n; i++) { \
    const type *from = (const type *)X + (rows ? rows[first + i] : first + i) * k; \
    real *to = out + i * k; \
    if (shift) \
      for (ptrdiff_t j = 0; j < k; j++) to[j] = (real)(((double)from[j] - shift[j]) * scale[j]); \
    else \
      for (ptrdiff_t j = 0; j < k; j++) to[j] = (real)from[j] * factor; \
  } \
  return

/* Row rows[first + i] of X, (·, k), becomes row i of out, cast, and shifted and scaled or multiplied;
 * without rows, row first + i. */
static void F(gather)(const void *X, int kind, const ptrdiff_t *rows, ptrdiff_t first,
                             ptrdiff_t n, ptrdiff_t k, const double *shift, const double *scale, real factor,
                             real *restrict out) {
  switch (kind) {
  case UINT8: GATHER(uint8_t);
  case FLOAT32: GATHER(float);
  default: GATHER(double);
  }
}
#undef GATHER

#define GATHER(type, index) \
  for (ptrdiff_t i = 0; i < n; i++) { \
    real *to = out + i * k; \
    memset(to, 0, k * sizeof(real)); \
    ptrdiff_t row = rows ? rows[first + i] : first + i; \
    ptrdiff_t begin = ((const index *)starts)[row], end = ((const index *)starts)[row + 1]; \
    for (ptrdiff_t j = begin; j < end; j++) /* what is there twice is added */ \
      to[((const index *)columns)[j]] += (real)((const type *)X)[j]; \
    for (ptrdiff_t j = 0; j < k; j++) to[j] *= factor; \
  } \
  return

/* The same for the rows of a CSR matrix: values X, and columns and starts in 64 bits if `wide`. */
static void F(gather_sparse)(const void *X, int kind, const void *columns, const void *starts,
                             int wide, const ptrdiff_t *rows, ptrdiff_t first, ptrdiff_t n,
                             ptrdiff_t k, real factor, real *restrict out) {
  switch (2 * kind + (wide != 0)) {
  case 2 * UINT8: GATHER(uint8_t, int32_t);
  case 2 * UINT8 + 1: GATHER(uint8_t, int64_t);
  case 2 * FLOAT32: GATHER(float, int32_t);
  case 2 * FLOAT32 + 1: GATHER(float, int64_t);
  case 2 * FLOAT64: GATHER(double, int32_t);
  default: GATHER(double, int64_t);
  }
}
#undef GATHER

/* out <- exp(z - highest), where highest is the largest of z; return their sum. */
INLINE real F(exponentials)(const real *z, real *out, ptrdiff_t k, real *highest) {
  real top = z[0], total = 0;
  for (ptrdiff_t j = 1; j < k; j++) top = z[j] > top ? z[j] : top;
  for (ptrdiff_t j = 0; j < k; j++) out[j] = F(exp)(z[j] - top);
  for (ptrdiff_t j = 0; j < k; j++) total += out[j];
  *highest = top;
  return total;
}

/* Softmax and cross-entropy of one row of k logits; y is the class. */
static double F(softmax_row)(const real *z, ptrdiff_t y, real *out, ptrdiff_t k, real share,
                             double smoothing, double cap) {
  real highest, total = F(exponentials)(z, out, k, &highest);
  double loss = (1 - smoothing) * ((double)highest - z[y]) + log((double)total);
  if (smoothing > 0)
    for (ptrdiff_t j = 0; j < k; j++) loss -= smoothing / k * ((double)z[j] - highest);
  real factor = share / total, even = share * (real)(smoothing / k);
  for (ptrdiff_t j = 0; j < k; j++) out[j] = out[j] * factor - even;
  out[y] -= share * (real)(1 - smoothing);
  return loss < cap ? loss : (loss != loss ? loss : cap);
}

/* The loss of one raw output z with target y, and its derivative d. */
INLINE double F(output_loss)(int which, real z, real y, const double *p, real *d) {
  double r = (double)z - y;
  switch (which) {
  case SIGMOID_CROSS_ENTROPY: {
    real e = F(exp)(-C(fabs)(z)), s = (z > 0 ? 1 : e) / (1 + e);
    real target = y * (real)(1 - p[0]) + (real)(p[0] / 2);
    *d = s - target;
    double loss = ((double)(z > 0) - target) * z + log1p((double)e);
    return loss < p[1] ? loss : (loss != loss ? loss : p[1]);
  }
  case SQUARED: *d = (real)r; return r * r / 2;
  case ABSOLUTE: *d = F(sign)((real)r); return fabs(r);
  case HUBER: {
    double c = r > p[0] ? p[0] : (r < -p[0] ? -p[0] : r);
    *d = (real)c;
    return c * (r - c / 2);
  }
  case QUANTILE: {
    double c = r > 0 ? 1 - p[0] : (r < 0 ? -p[0] : r);
    *d = (real)c;
    return c * r;
  }
  default: { /* POISSON */
    real m = F(exp)(z < EXPONENT_LIMIT ? z : (z != z ? z : EXPONENT_LIMIT));
    *d = m - y;
    return (double)m - y - (double)y * z + (y > 0 ? (double)y * log((double)y) : 0);
  }
  }
}

/* Return Σ shares·losses of n rows of raw outputs (n, k) and write its gradient to out (n, k).
 *
 * classes: (n, levels) for softmax, one for each group of outputs; targets: (n, k), for quantiles
 * (n, k / levels). p: label smoothing, cap and the sizes of the groups; or delta; or the levels. */
static double F(loss)(int which, const real *raw, const ptrdiff_t *classes, const real *targets,
                      real *out, ptrdiff_t n, ptrdiff_t k, const double *shares, const double *p,
                      ptrdiff_t levels) {
  double total = 0;
  for (ptrdiff_t i = 0; i < n; i++) {
    double loss = 0;
    real share = (real)shares[i];
    if (which == SOFTMAX) {
      ptrdiff_t begin = i * k;
      for (ptrdiff_t g = 0; g < levels; begin += (ptrdiff_t)p[2 + g], g++)
        loss += F(softmax_row)(raw + begin, classes[i * levels + g], out + begin,
                               (ptrdiff_t)p[2 + g], share, p[0], p[1]);
    } else {
      for (ptrdiff_t j = 0; j < k; j++) {
        real d, y = targets[(i * k + j) / levels];
        loss += F(output_loss)(which, raw[i * k + j], y, which == QUANTILE ? p + j % levels : p, &d);
        out[i * k + j] = d * share;
      }
    }
    if (shares[i] != 0) total += shares[i] * loss; /* even an infinite loss counts for nothing */
  }
  return total;
}

/* raw <- the loss's output function of n rows of raw outputs (n, k), in place. */
static void F(outputs)(int which, real *raw, ptrdiff_t n, ptrdiff_t k, const double *p,
                              ptrdiff_t levels) {
  switch (which) {
  case SOFTMAX:
    for (ptrdiff_t i = 0; i < n; i++)
      for (ptrdiff_t g = 0; g < levels; raw += (ptrdiff_t)p[2 + g], g++) {
        ptrdiff_t size = (ptrdiff_t)p[2 + g];
        real highest, total = F(exponentials)(raw, raw, size, &highest);
        for (ptrdiff_t j = 0; j < size; j++) raw[j] /= total;
      }
    return;
  case SIGMOID_CROSS_ENTROPY:
    for (ptrdiff_t i = 0; i < n * k; i++) raw[i] = F(sigmoid)(raw[i]);
    return;
  case POISSON:
    for (ptrdiff_t i = 0; i < n * k; i++)
      raw[i] = F(exp)(raw[i] < EXPONENT_LIMIT ? raw[i]
                                              : (raw[i] != raw[i] ? raw[i] : EXPONENT_LIMIT));
    return;
  default: return;
  }
}

/* Return Σ (g / unit)². */
static double F(sum_of_squares)(const real *g, ptrdiff_t n, double unit) {
  double total = 0;
#pragma omp simd reduction(+ : total)
  for (ptrdiff_t i = 0; i < n; i++) total += g[i] / unit * (g[i] / unit);
  return total;
}

/* g <- g + penalty's derivative; return ½ l2 Σ w² + l1 Σ |w|.
 *
 * Called for blocks of a few thousand parameters, so that sums in `real` are accurate. */
static double F(penalize)(const real *restrict w, real *restrict g, ptrdiff_t n,
                                 const struct step *s) {
  real l1 = (real)s->l1, l2 = (real)s->l2;
  double value = 0;
  if (s->l2 > 0) {
    real squares = 0;
#pragma omp simd reduction(+ : squares)
    for (ptrdiff_t i = 0; i < n; i++) {
      squares += w[i] * w[i];
      g[i] += l2 * w[i];
    }
    double sum = squares > LARGEST ? F(sum_of_squares)(w, n, 1) : squares;
    value += s->l2 / 2 * sum;
  }
  if (s->l1 > 0) {
    real sizes = 0;
#pragma omp simd reduction(+ : sizes)
    for (ptrdiff_t i = 0; i < n; i++) {
      sizes += C(fabs)(w[i]);
      g[i] += l1 * F(sign)(w[i]);
    }
    value += s->l1 * sizes;
  }
  return value;
}

static double F(largest)(const real *g, ptrdiff_t n) {
  double largest = 0;
  for (ptrdiff_t i = 0; i < n; i++) largest = C(fabs)(g[i]) > largest ? C(fabs)(g[i]) : largest;
  return largest;
}

#define EACH(...) \
  for (ptrdiff_t i = 0; i < n; i++) { \
    real x = w[i] * decay, d = g[i]; \
    d = (d > clip ? clip : (d < -clip ? -clip : d)) * shrink; \
    __VA_ARGS__; \
  } \
  return

/* One step of an optimiser on n parameters; u and v are its slots. The formulas are optimizers.py's. */
static void F(update)(int which, real *restrict w, const real *restrict g, real *restrict u,
                             real *restrict v, ptrdiff_t n, const struct step *s) {
  real clip = s->clip < LARGEST ? (real)s->clip : LARGEST, shrink = (real)s->shrink;
  if (s->clip == INFINITY) clip = INFINITY; /* none */
  real decay = (real)s->decay, rate = (real)s->rate, eps = (real)s->epsilon;
  real b1 = (real)s->beta_1, b2 = (real)s->beta_2;
  real c1 = (real)(1 - s->beta_1), c2 = (real)(1 - s->beta_2);
  real ratio = (real)(s->beta_1 / (1 - s->beta_1));
  switch (which) {
  case SGD: EACH(w[i] = x - rate * d);
  case MOMENTUM: EACH(real m = b1 * u[i] - rate * d; u[i] = m; w[i] = x + m);
  case NESTEROV: EACH(real m = b1 * u[i] - rate * d; u[i] = m; w[i] = x - rate * d + b1 * m);
  /* slots hold m / (1 - β1) and v / (1 - β2); rate and epsilon are scaled to match */
  case ADAM:
    EACH(real m = b1 * u[i] + d; real q = b2 * v[i] + d * d; u[i] = m; v[i] = q;
         w[i] = x - rate * (m / (C(sqrt)(q) + eps)));
  case RMSPROP:
    EACH(real q = b1 * u[i] + c1 * (d * d); u[i] = q; w[i] = x - rate * (d / (C(sqrt)(q) + eps)));
  default: /* LION */
    EACH(real m = u[i]; w[i] = x - rate * F(sign)(ratio * m + d); u[i] = b2 * m + c2 * d);
  }
}
#undef EACH

#endif
