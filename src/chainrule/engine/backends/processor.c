/* Which instructions this processor and its system offer, of those that kernels are built for.
 *
 * Asked of the processor itself (Intel's Software Developer's Manual, volumes 1, 14.3 and 2, CPUID):
 * not every compiler's library has __builtin_cpu_supports.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if defined(__x86_64__) || defined(_M_X64)

#if defined(_MSC_VER)
#include <intrin.h>
static unsigned saved_by_system(void) { return (unsigned)_xgetbv(0); }
static void ask(int answer[4], int leaf) { __cpuidex(answer, leaf, 0); }
#else
#include <cpuid.h>
static unsigned saved_by_system(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}
static void ask(int answer[4], int leaf) {
  __cpuid_count(leaf, 0, answer[0], answer[1], answer[2], answer[3]);
}
#endif

#define FMA_OSXSAVE_AVX (1u << 12 | 1u << 27 | 1u << 28)              /* leaf 1, ECX */
#define AVX2_BMI (1u << 3 | 1u << 5 | 1u << 8)                        /* leaf 7, EBX */
#define AVX512 (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31) /* F, DQ, CD, BW, VL */
#define YMM_SAVED 0x06u /* the system keeps these registers between threads: XCR0 */
#if defined(__APPLE__)
#define ZMM_SAVED YMM_SAVED /* macOS says so only once a thread has used them */
#else
#define ZMM_SAVED 0xe6u
#endif

static int has(unsigned features, unsigned registers) {
  int zero[4], one[4], seven[4];
  ask(zero, 0);
  if (zero[0] < 7) return 0;
  ask(one, 1);
  ask(seven, 7);
  return ((unsigned)one[2] & FMA_OSXSAVE_AVX) == FMA_OSXSAVE_AVX &&
         ((unsigned)seven[1] & features) == features &&
         (saved_by_system() & registers) == registers;
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
