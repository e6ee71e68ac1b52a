/* Subnormal numbers as 0, in the thread that asks: arithmetic on them is up to a hundred times as
 * slow as on others, and a gradient that vanishes is full of them.
 *
 * flush_subnormals() returns the thread's floating-point control register as it was, which restore()
 * takes. Where neither register is known, both do nothing.
 */
#include <stdint.h>

#if defined(__x86_64__) || defined(_M_X64)

#include <xmmintrin.h>
#define FLUSH_TO_ZERO (1u << 15) /* of results */
#define DENORMALS_ARE_ZERO (1u << 6) /* of operands */
static inline uint64_t flush_subnormals(void) {
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return before;
}
static inline void restore(uint64_t before) { _mm_setcsr((unsigned)before); }

#elif defined(__aarch64__) || defined(_M_ARM64)

#define FLUSH_TO_ZERO (1u << 24) /* of results and operands */
#if defined(_MSC_VER)
#include <intrin.h>
static inline uint64_t control(void) { return (uint64_t)_ReadStatusReg(ARM64_FPCR); }
static inline void restore(uint64_t before) { _WriteStatusReg(ARM64_FPCR, (int64_t)before); }
#else
static inline uint64_t control(void) {
  uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value)::"memory");
  return value;
}
static inline void restore(uint64_t before) {
  __asm__ volatile("msr fpcr, %0" ::"r"(before) : "memory");
}
#endif
static inline uint64_t flush_subnormals(void) {
  uint64_t before = control();
  restore(before | FLUSH_TO_ZERO);
  return before;
}

#else

static inline uint64_t flush_subnormals(void) { return 0; }
static inline void restore(uint64_t before) { (void)before; }

#endif
