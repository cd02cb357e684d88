// What C++ has not and NumPy has: named integers, complex numbers, division that rounds down, functions at their limits.
// Every generated kernel starts with this text. It is written for CUDA, and compiles as ordinary C++ too.

typedef signed char int8;
typedef short int16;
typedef int int32;
typedef long long int64;
typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;

#define infinity (1e300 * 1e300)
#define not_a_number (infinity - infinity)
#define FUNCTION __device__ __forceinline__

// Elements that are read or written at once.
template <typename T, int N> struct alignas(N * sizeof(T)) pack { T at[N]; };

// -- half precision: stored only, every operation is one of float that is rounded

FUNCTION uint32 bits_of(float x) { union { float real; uint32 bits; } both = {x}; return both.bits; }
FUNCTION float real_of(uint32 x) { union { uint32 bits; float real; } both = {x}; return both.real; }

FUNCTION uint16 halved(float x)
{
#ifdef __CUDA_ARCH__
    uint16 half;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
    return half;
#else
    const uint32 sign = bits_of(x) >> 16 & 0x8000, size = bits_of(x) & 0x7fffffff;
    if (size > 0x7f800000) return sign | 0x7e00;
    if (size >= 0x477ff000) return sign | 0x7c00;
    if (size < 0x38800000) return sign | uint32(rint(real_of(size) * 16777216.0f));
    return sign | (size + 0x0fff + (size >> 13 & 1) - 0x38000000) >> 13;
#endif
}

FUNCTION float doubled(uint16 x)
{
#ifdef __CUDA_ARCH__
    float real;
    asm("cvt.f32.f16 %0, %1;" : "=f"(real) : "h"(x));
    return real;
#else
    const uint32 sign = (x & 0x8000u) << 16, exponent = x >> 10 & 31, digits = x & 1023;
    if (exponent == 0) return real_of(sign | bits_of(digits / 16777216.0f));
    return real_of(sign | (exponent == 31 ? 0x7f800000 : (exponent + 112) << 23) | digits << 13);
#endif
}

// A float whose last digit says that there are more, so that rounding it again is as if there had been one rounding.
FUNCTION float inexact(double x)
{
    const float near = float(x);
    if (double(near) == x || isnan(x) || isinf(near)) return near;
    return real_of((bits_of(near) - (fabs(double(near)) > fabs(x))) | 1);
}

struct float16 {
    uint16 bits;
    float16() = default;
    __device__ float16(float x) : bits(halved(x)) {}
    __device__ explicit float16(double x) : bits(halved(inexact(x))) {}
    __device__ operator float() const { return doubled(bits); }
};

// -- complex numbers

template <typename T> struct alignas(2 * sizeof(T)) complex { T re, im; };
typedef complex<float> complex64;
typedef complex<double> complex128;

template <typename T> FUNCTION complex<T> operator+(complex<T> x, complex<T> y) { return {x.re + y.re, x.im + y.im}; }
template <typename T> FUNCTION complex<T> operator-(complex<T> x, complex<T> y) { return {x.re - y.re, x.im - y.im}; }
template <typename T> FUNCTION complex<T> operator-(complex<T> x) { return {-x.re, -x.im}; }
template <typename T> FUNCTION complex<T> conj(complex<T> x) { return {x.re, -x.im}; }
template <typename T> FUNCTION bool operator==(complex<T> x, complex<T> y) { return x.re == y.re && x.im == y.im; }
template <typename T> FUNCTION bool operator!=(complex<T> x, complex<T> y) { return x.re != y.re || x.im != y.im; }

template <typename T> FUNCTION complex<T> operator*(complex<T> x, complex<T> y)
{
    return {x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re};
}

// Smith's algorithm, as in NumPy: no overflow on the way.
template <typename T> FUNCTION complex<T> operator/(complex<T> x, complex<T> y)
{
    if (fabs(y.re) >= fabs(y.im)) {
        if (y.re == 0 && y.im == 0) return {x.re / fabs(y.re), x.im / fabs(y.re)};
        const T ratio = y.im / y.re, scale = 1 / (y.re + y.im * ratio);
        return {(x.re + x.im * ratio) * scale, (x.im - x.re * ratio) * scale};
    }
    const T ratio = y.re / y.im, scale = 1 / (y.im + y.re * ratio);
    return {(x.re * ratio + x.im) * scale, (x.im * ratio - x.re) * scale};
}

template <typename T> FUNCTION complex<T> exp(complex<T> x)
{
    const T size = exp(x.re);
    if (x.im == 0) return {size, x.im};
    if (isinf(x.re) && x.re < 0 && !isfinite(x.im)) return {0, 0};
    return {size * cos(x.im), size * sin(x.im)};
}

// -- whole numbers: division by zero gives zero, and the lowest one divided by -1 is itself

template <typename T> FUNCTION T floor_divide(T x, T y)
{
    if (y == 0) return 0;
    if (T(-1) < T(0) && y == T(-1)) return T(0ULL - uint64(x));
    const T quotient = x / y;
    return x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient;
}

template <typename T> FUNCTION T remainder_of(T x, T y)
{
    if (y == 0 || (T(-1) < T(0) && y == T(-1))) return 0;
    const T rest = x % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

template <typename T> FUNCTION T shift_left(T x, T places)
{
    return places >= T(0) && places < T(8 * sizeof(T)) ? T(uint64(x) << places) : T(0);
}

template <typename T> FUNCTION T shift_right(T x, T places)
{
    return places >= T(0) && places < T(8 * sizeof(T)) ? T(x >> places) : T(x < 0 ? -1 : 0);
}

// -- real numbers

template <typename T> FUNCTION T real_remainder(T x, T y)
{
    const T rest = fmod(x, y);
    if (y == 0) return rest;
    if (rest == 0) return copysign(rest, y);
    return (y < 0) != (rest < 0) ? rest + y : rest;
}

template <typename T> FUNCTION T real_quotient(T x, T y)
{
    if (y == 0) return x / y;
    const T rest = fmod(x, y);
    T quotient = (x - rest) / y;
    if (rest != 0 && (y < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return copysign(quotient, x / y);
    const T whole = floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
}

template <typename T> FUNCTION T real_logaddexp(T x, T y)
{
    if (x == y) return x + T(0.693147180559945309417);
    const T difference = x - y;
    if (isnan(difference)) return difference;
    return difference > 0 ? x + log1p(exp(-difference)) : y + log1p(exp(difference));
}

FUNCTION float floor_divide(float x, float y) { return real_quotient(x, y); }
FUNCTION double floor_divide(double x, double y) { return real_quotient(x, y); }
FUNCTION float remainder_of(float x, float y) { return real_remainder(x, y); }
FUNCTION double remainder_of(double x, double y) { return real_remainder(x, y); }
FUNCTION float logaddexp(float x, float y) { return real_logaddexp(x, y); }
FUNCTION double logaddexp(double x, double y) { return real_logaddexp(x, y); }
