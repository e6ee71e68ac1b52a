/* Which instructions this processor and its system offer, of those that kernels are built for. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if defined(__GNUC__) && defined(__x86_64__)

#define HAS(name) (__builtin_cpu_supports(name) != 0)

static int has_avx2(void) {
  __builtin_cpu_init();
  return HAS("avx2") && HAS("fma");
}

static int has_avx512(void) {
  return has_avx2() && HAS("avx512f") && HAS("avx512cd") && HAS("avx512dq") && HAS("avx512bw") &&
         HAS("avx512vl");
}

#elif defined(_M_X64) && !defined(_M_ARM64EC)

#include <immintrin.h>
#include <intrin.h>

/* Bits of CPUID, as in Intel's Software Developer's Manual, volume 2A. */
#define FMA_OSXSAVE_AVX (1u << 12 | 1u << 27 | 1u << 28)                     /* leaf 1, ECX */
#define AVX2_BMI (1u << 3 | 1u << 5 | 1u << 8)                               /* leaf 7, EBX */
#define AVX512 (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)        /* F, DQ, CD, BW, VL */
#define YMM_SAVED 0x06u /* the system keeps these registers between threads: XCR0 */
#define ZMM_SAVED 0xe6u

static int has(unsigned features, unsigned saved) {
  int one[4], seven[4];
  __cpuid(one, 0);
  if (one[0] < 7) return 0;
  __cpuid(one, 1);
  __cpuidex(seven, 7, 0);
  return ((unsigned)one[2] & FMA_OSXSAVE_AVX) == FMA_OSXSAVE_AVX &&
         ((unsigned)seven[1] & features) == features && ((unsigned)_xgetbv(0) & saved) == saved;
}

static int has_avx2(void) { return has(AVX2_BMI, YMM_SAVED); }
static int has_avx512(void) { return has(AVX2_BMI | AVX512, ZMM_SAVED); }

#else

static int has_avx2(void) { return 0; }
static int has_avx512(void) { return 0; }

#endif

static PyObject *levels(PyObject *module, PyObject *nothing) {
  (void)module, (void)nothing;
  if (has_avx512()) return Py_BuildValue("(sss)", "avx512", "avx2", "baseline");
  if (has_avx2()) return Py_BuildValue("(ss)", "avx2", "baseline");
  return Py_BuildValue("(s)", "baseline");
}

static PyMethodDef functions[] = {
    {"levels", levels, METH_NOARGS, "Return the levels that run here, the best first."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "processor", NULL, 0, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_processor(void) { return PyModuleDef_Init(&definition); }
