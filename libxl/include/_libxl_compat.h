/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Older prototypes, for callers that define LIBXL_API_VERSION: each macro supplies the arguments
 * that later releases added. A macro is not expanded inside itself, so names can stay.
 */
#ifndef XL_COMPAT_H
#define XL_COMPAT_H

#ifdef LIBXL_API_VERSION

#if LIBXL_API_VERSION < 0x040400
static inline int libxl_domain_create_restore_0x040200(libxl_ctx *ctx, libxl_domain_config *config,
	uint32_t *domid, int restore_fd, const libxl_asyncop_how *ao_how,
	const libxl_asyncprogress_how *aop_console_how)
{
	libxl_domain_restore_params params;
	int rc;

	libxl_domain_restore_params_init(&params);
	rc = libxl_domain_create_restore(ctx, config, domid, restore_fd, -1, &params, ao_how,
		aop_console_how);
	libxl_domain_restore_params_dispose(&params);
	return rc;
}
#define libxl_domain_create_restore libxl_domain_create_restore_0x040200
#elif LIBXL_API_VERSION < 0x040700
#define libxl_domain_create_restore(ctx, config, domid, fd, params, ao_how, console_how) \
	libxl_domain_create_restore((ctx), (config), (domid), (fd), -1, (params), (ao_how), (console_how))
#endif

#if LIBXL_API_VERSION < 0x040500
#define libxl_uuid_copy(dst, src) libxl_uuid_copy(NULL, (dst), (src))
#define libxl_set_vcpuaffinity(ctx, domid, vcpuid, map) \
	libxl_set_vcpuaffinity((ctx), (domid), (vcpuid), (map), NULL)
#define libxl_set_vcpuaffinity_all(ctx, domid, max_vcpus, map) \
	libxl_set_vcpuaffinity_all((ctx), (domid), (max_vcpus), (map), NULL)
#endif

#if LIBXL_API_VERSION >= 0x040500 && LIBXL_API_VERSION < 0x040700
#define ERROR_REMUS_DEVOPS_DOES_NOT_MATCH ERROR_CHECKPOINT_DEVOPS_DOES_NOT_MATCH
#define ERROR_REMUS_DEVICE_NOT_SUPPORTED ERROR_CHECKPOINT_DEVICE_NOT_SUPPORTED
#endif

#if LIBXL_API_VERSION < 0x040800
#define libxl_get_memory_target libxl_get_memory_target_0x040700
#define libxl_domain_need_memory libxl_domain_need_memory_0x040700
#define libxl_get_free_memory libxl_get_free_memory_0x040700
#define libxl_console_exec(ctx, domid, num, type) \
	libxl_console_exec((ctx), (domid), (num), (type), -1)
#define libxl_primary_console_exec(ctx, domid) libxl_primary_console_exec((ctx), (domid), -1)
#elif LIBXL_API_VERSION < 0x041300
#define libxl_domain_need_memory libxl_domain_need_memory_0x041200
#endif

#if LIBXL_API_VERSION < 0x041300
#define libxl_retrieve_domain_configuration(ctx, domid, config) \
	libxl_retrieve_domain_configuration((ctx), (domid), (config), NULL)
#define libxl_domain_shutdown(ctx, domid) libxl_domain_shutdown((ctx), (domid), NULL)
#define libxl_domain_reboot(ctx, domid) libxl_domain_reboot((ctx), (domid), NULL)
#define libxl_domain_pause(ctx, domid) libxl_domain_pause((ctx), (domid), NULL)
#define libxl_domain_unpause(ctx, domid) libxl_domain_unpause((ctx), (domid), NULL)
#define libxl_set_vcpuonline(ctx, domid, map) libxl_set_vcpuonline((ctx), (domid), (map), NULL)
#define libxl_send_trigger(ctx, domid, trigger, vcpuid) \
	libxl_send_trigger((ctx), (domid), (trigger), (vcpuid), NULL)
#define libxl_qemu_monitor_command(ctx, domid, line, output) \
	libxl_qemu_monitor_command((ctx), (domid), (line), (output), NULL)
#endif

#endif /* LIBXL_API_VERSION */

/* Calls that did nothing useful even before they went away. */
#if !defined(LIBXL_API_VERSION) || LIBXL_API_VERSION < 0x041400
static inline void libxl_cpuid_apply_policy(libxl_ctx *ctx __attribute__((unused)),
	uint32_t domid __attribute__((unused)))
{
}
static inline void libxl_cpuid_set(libxl_ctx *ctx __attribute__((unused)),
	uint32_t domid __attribute__((unused)), libxl_cpuid_policy_list cpuid __attribute__((unused)))
{
}
#endif

#endif
